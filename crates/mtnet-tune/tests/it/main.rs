//! The search from outside: what it proposes, keeps, refuses and finds.

mod ends;
mod journal;
mod problems;
mod proposals;
mod searches;
mod workplace;
