package lang

// Back is what is written into a monitoring tool about a ticket. It begins with mark: by
// that it is known again if it comes back. who is a person, at a time of day.
type Back struct {
	Taken    string // an acknowledgement's comment
	Released string // nobody has it any more
	Ended    string // somebody says that it is over
}

var backEnglish = Back{
	Taken: "{mark}: {who} has it ({at})", Released: "{mark}: nobody has it any more ({at})", Ended: "{mark}: over, says {who} ({at})",
}

var backFrench = Back{
	Taken: "{mark} : {who} s'en occupe ({at})", Released: "{mark} : plus personne ne s'en occupe ({at})", Ended: "{mark} : terminé, dit {who} ({at})",
}

var backItalian = Back{
	Taken: "{mark}: se ne occupa {who} ({at})", Released: "{mark}: non se ne occupa più nessuno ({at})", Ended: "{mark}: finito, dice {who} ({at})",
}
