// Package standby stands by for the store: while that is away it keeps alerts in
// the spool, pages from there by a second core, and brings everything into the
// store when it is back.
package standby
