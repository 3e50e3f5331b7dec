// Package report counts what people did on call, afterwards: hours by kind, pages,
// nights in which they were woken, interventions, rest that was broken, replacements,
// and what that gives right to (docs/adr/0047-the-duty-report.md).
//
// Nothing is counted from today's configuration. [Rosters] keeps each version of what
// the configuration says of who is on call, with the instant at which it came into
// force, and [Pasts] keeps of each closed ticket who was paged, who worked on it and
// when. [Count] is pure: versions, replacements, handovers and tickets in, a [Row] for
// each person and month out.
package report
