//! What accounts want answered by others: nothing. Everything else stands on people, so people stand on the kernel alone;
//! what follows elsewhere from a new person or a closed account is the flows' business.
