// Package words writes what phones read: pages as SMS or push, and the replies
// to answers by SMS. Each text fits its medium. The package is pure: facts in,
// text out. The phrases of each language are in internal/lang.
package words
