// Package words writes what phones read: pages as an SMS or as a push, and the
// replies to answers by SMS, each within what its medium takes. It is pure: facts
// in, text out. What it says in each language is in internal/lang.
package words
