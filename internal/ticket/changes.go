package ticket

// Lane is a part of a store's log of changes. The log says which tickets
// changed, in the order of their commits, for whoever copies them (package
// archive; docs/adr/0064-the-archive.md). A store has one lane, or one for each
// source.
type Lane struct {
	Name string
	// Last is the version of the latest change. Versions rise from 1. They may
	// skip some.
	Last int64
	// Epoch changes if the lane may have gone back: some of what was listed is
	// lost, and versions are given again.
	Epoch string
	// Trimmed is the version up to which the log was cut off.
	Trimmed int64
	Changes []Changed
}

// Since says which part of a log to read.
type Since struct {
	After map[string]int64 // the versions after which to begin, by lane
	Most  int              // changes of each lane, about
	// Fresh has what was committed a moment ago be read too. Otherwise it may be
	// missing for a second, and nobody is held up.
	Fresh bool
}

// Changed is a ticket that changed, as it is now: at least as new as its
// Version.
type Changed struct {
	Source, Number string
	Version        int64
	Revision       int64
	View           View
	// Gone: there is no such ticket any more, or its record cannot be read.
	Gone bool
}
