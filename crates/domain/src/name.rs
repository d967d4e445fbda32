//! The names of holders, in full and masked.
