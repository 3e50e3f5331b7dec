// Package standby stands by for the store. While the store is away, it keeps
// alerts in the spool and pages from there by a second core. When the store is
// back, it brings everything into it.
package standby
