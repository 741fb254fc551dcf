//! hlas: the publishing desk of a consortium.
pub mod audience;
pub mod build;
pub mod check;
pub mod clock;
pub mod deliver;
pub mod desk;
pub mod ledger;
pub mod load;
pub mod mail;
pub mod model;
pub mod plan;
pub mod publish;
pub mod render;
pub mod report;
pub mod transport;
