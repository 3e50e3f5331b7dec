// Package duty keeps who stands in for whom: replacements, swaps and what became of
// them, as records of the house (docs/adr/0027-records.md), and applies them to what
// the configuration says of who is on call (contacts.Directory.With).
//
// A [Replacement] never changes its hours. It is made, accepted or declined if
// somebody else has to say yes, and dropped; what was so is kept, for whoever counts
// the hours afterwards. [Book] keeps them; what may be is decided by the pure rules
// of rules.go: who makes it, whom it touches, what it overlaps.
package duty
