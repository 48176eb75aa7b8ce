//! The server from outside: bytes over loopback to a server in this process.

mod answers;
mod bad_requests;
mod client;
mod files;
mod isolation;
mod logs;
mod model;
mod overload;
mod page;
mod slow_clients;
mod stopping;
