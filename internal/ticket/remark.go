package ticket

// RemarkKind says what kind of thing a tool says of an alert besides that it
// fires or is over.
type RemarkKind string

// The kinds of remarks.
const (
	// RemarkTaken: somebody acknowledged the alert in the tool. It acknowledges
	// the alert's ticket. If nobody knows of the alert it does nothing.
	RemarkTaken RemarkKind = "taken"
	// RemarkNoted: a line for the timeline. It ends nothing.
	RemarkNoted RemarkKind = "noted"
)

// Remark is what a tool says of an alert besides that it fires or is over.
type Remark struct {
	Kind RemarkKind `json:"kind"`
	By   string     `json:"by,omitempty" holds:"personal"` // whom the tool names; may be empty
	What string     `json:"what,omitempty"`                // as the tool calls it: DOWNTIMESTART, update
	Text string     `json:"text,omitempty" holds:"free"`   // a comment; may be empty
}

// Bound cuts what is too long.
func (r *Remark) Bound() {
	if r == nil {
		return
	}
	r.By, r.What, r.Text = Cut(r.By, MaxRemarkName), Cut(r.What, MaxRemarkName), Cut(r.Text, MaxNote)
}

// Actor is who made the remark: whom the tool names, or else the source.
func (r *Remark) Actor(source string) Actor {
	if r.By == "" {
		return Actor{Kind: ActorSender, Name: source}
	}
	return Actor{Kind: ActorUser, Name: r.By}
}
