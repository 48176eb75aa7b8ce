//! Models by the name they have on a hub: in the local cache, or fetched into it.

mod cache;
#[cfg(feature = "hub")]
mod download;

pub use cache::HubCache;
#[cfg(feature = "hub")]
pub use download::HubDownload;
