// Package lookahead says what somebody should know before it harms: hours without
// anybody, people at whom no page is known to arrive, somebody on call twice, a second
// person who is paged too late, rest that is too short.
//
// [Find] is pure: it looks at the schedule as it is now, with replacements and with those
// who stay on, at proofs and at handovers. [Book] keeps when managers are told of it next,
// and what they were told already (docs/adr/0048-looking-ahead.md).
package lookahead
