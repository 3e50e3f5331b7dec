package ticket

// Work is what a verb brings that writes down work: one of its fields is set.
type Work struct {
	Attach []Attachment // files that came
	Detach string       // the ID of a file
	// Change says of a task or an intervention that there is one of its ID, which is
	// to be changed. Otherwise it is new.
	Change       bool
	Task         *TaskEdit
	Intervention *InterventionEdit
	Link         *Tying
	Tick         *Tick
	Meeting      *Meeting
	// Any says that whoever acts may change what others wrote.
	Any bool
}

// Tying is a link that is to be there, or to be taken away.
type Tying struct {
	Tie
	Remove bool
	Told   bool // the other ticket has it, or has it no more: nobody needs to tell it
}
