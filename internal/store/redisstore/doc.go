// Package redisstore keeps everything on Redis: one server, a set under
// Sentinel, or a Cluster. Any number of daemons share it.
//
// What belongs to one source lives in one slot: its tickets, alerts, deadlines,
// groups, pages and timelines have keys that begin with
//
//	astreinte:{source}:
//
// whose hash tag is the source's name, escaped. What must be atomic is a Lua
// script over that slot (folder lua), such as [Store.Observe] and
// [Store.Commit]. Each script says at its top what it takes and gives. Scripts
// never read JSON: the few fields that they decide by are fields of hashes
// beside it. Rules that need the meaning of a state stay in Go, which sends
// their result.
//
// In a source's slot, after that prefix:
//
//	t:NUMBER      a ticket: json, revision, and what scripts ask of it
//	tl:NUMBER     its timeline        tp:NUMBER  its pages' keys, in order
//	ta:NUMBER     its alerts, by status: firing, silent, resolved
//	tc:NUMBER     alerts left of a closed one, closing: the tickets that have any
//	a:FINGERPRINT an alert            s:GROUP    alerts of a sender's group
//	g:KEY         the ticket of a group
//	due           deadlines of tickets (t:) and of alerts (a:)
//	p:KEY         a page              ready:URGENCY, later, claims, queued: its queue
//	list          all tickets by opening, list:STATE those of a state
//	stats         tickets by urgency and state
//	alerts        how many alerts there are
//	mark          a word, by whose absence a loss is noticed
//	r:…           records (package records): see lua/shelf.lua
//	damaged       keys that were of another type, and were set aside
//
// Other slots hold the numbers and which source each belongs to, the codes of
// each phone, links, providers' ids of pages, a mark and the losses that were
// told, and the set of all sources. By that set [Store.Due] and [Store.Claim]
// find the work of sources that this daemon has never heard of. Each of these
// is written before or with what needs it; an orphan is harmless. One server,
// or a set under Sentinel, has no slots: there the script of a commit also
// files the numbers that its tickets were given by a guess
// ([Store.GuessNumbers]).
//
// Times are microseconds since 1970 with up to three decimals. Redis takes
// them as scores, and Go reads them back exactly.
package redisstore
