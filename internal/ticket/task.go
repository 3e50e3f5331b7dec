package ticket

import (
	"fmt"
	"slices"
	"time"
)

// The kinds of tasks.
const (
	TaskCall     = "call"
	TaskNoAnswer = "no_answer" // a call that nobody took: "pdr" (S2-22)
	TaskRemote   = "remote"
	TaskOnSite   = "on_site"
	TaskOther    = "other"
)

// TaskKinds lists the kinds of tasks, in the order in which people read them.
func TaskKinds() []string {
	return []string{TaskCall, TaskNoAnswer, TaskRemote, TaskOnSite, TaskOther}
}

// Task is something that somebody did for a ticket (S2-20). A public one is a
// report to the customer (S1-33).
type Task struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`             // when it began
	Until   time.Time `json:"until,omitzero"` // when it ended; zero: not said
	By      string    `json:"by" holds:"personal"`
	Kind    string    `json:"kind"`
	Text    string    `json:"text,omitempty" holds:"free"`
	Public  bool      `json:"public"`
	Minutes int       `json:"minutes"` // of treatment
	// Published is when it first was public, whatever it is now; zero: never, or in a record
	// from before there was this.
	Published time.Time `json:"published,omitzero"`
}

// TaskEdit is what a task is to be. What is nil stays as it is.
type TaskEdit struct {
	ID      string
	At      *time.Time
	Until   *time.Time
	Kind    *string
	Text    *string
	Public  *bool
	Minutes *int
}

// Task finds a task; nil if there is none of that ID.
func (s *Sheet) Task(id string) *Task {
	if s == nil {
		return nil
	}
	return find(s.Tasks, func(t *Task) bool { return t.ID == id })
}

// Treatment is how many minutes the tasks took together (S1-37).
func (s *Sheet) Treatment() (minutes int) {
	if s == nil {
		return 0
	}
	for i := range s.Tasks {
		minutes += s.Tasks[i].Minutes
	}
	return minutes
}

// Edit does an edit, and makes the task fit to be kept. A new task is now if no
// time is said, and ends now if only its minutes are. Its minutes are those
// between its times, unless they are said. The error is a *FieldError.
func (t *Task) Edit(e *TaskEdit, now time.Time) error {
	given(&t.At, e.At)
	given(&t.Until, e.Until)
	given(&t.Kind, e.Kind)
	given(&t.Text, e.Text)
	given(&t.Public, e.Public)
	given(&t.Minutes, e.Minutes)
	t.Text = Typed(t.Text, true)
	if e.Minutes == nil && (e.At != nil || e.Until != nil) {
		t.Minutes = 0
	}
	if t.At.IsZero() {
		t.At = now
		switch {
		case !t.Until.IsZero():
			t.At = t.Until.Add(-time.Duration(max(t.Minutes, 0)) * time.Minute)
		case t.Minutes > 0 && t.Minutes <= MaxTaskMinutes:
			t.At, t.Until = now.Add(-time.Duration(t.Minutes)*time.Minute), now
		}
	}
	t.At, t.Until = t.At.UTC().Truncate(time.Second), t.Until.UTC().Truncate(time.Second)
	if err := t.check(now); err != nil {
		return err
	}
	if t.Minutes == 0 && !t.Until.IsZero() {
		t.Minutes = int((t.Until.Sub(t.At) + time.Minute - 1) / time.Minute)
	}
	return nil
}

// given sets what is given.
func given[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// workAhead is how far ahead of ours the clock may be of who writes what was done.
const workAhead = 5 * time.Minute

func (t *Task) check(now time.Time) error {
	const later = "it is still to come: plan an intervention"
	switch {
	case !slices.Contains(TaskKinds(), t.Kind):
		return &FieldError{Field: "kind", Problem: fmt.Sprintf("it cannot be %q", Cut(t.Kind, MaxWord)), Values: TaskKinds()}
	case len(t.Text) > MaxNote:
		return &FieldError{Field: "text", Problem: fmt.Sprintf("%d bytes at most, not %d", MaxNote, len(t.Text))}
	case t.Kind == TaskOther && t.Text == "":
		return &FieldError{Field: "text", Problem: "it is needed: what was done?"}
	case t.At.After(now.Add(workAhead)):
		return &FieldError{Field: "at", Problem: later}
	case t.At.Before(now.AddDate(-1, 0, 0)):
		return &FieldError{Field: "at", Problem: "it is more than a year ago"}
	case !t.Until.IsZero() && t.Until.Before(t.At):
		return &FieldError{Field: "until", Problem: "it is before at"}
	case t.Until.After(now.Add(workAhead)):
		return &FieldError{Field: "until", Problem: later}
	case t.Minutes < 0 || t.Minutes > MaxTaskMinutes:
		return &FieldError{Field: "minutes", Problem: fmt.Sprintf("0 to %d", MaxTaskMinutes)}
	case t.Minutes == 0 && !t.Until.IsZero() && t.Until.Sub(t.At) > MaxTaskMinutes*time.Minute:
		return &FieldError{Field: "until", Problem: fmt.Sprintf("%d minutes after at at most: write several tasks", MaxTaskMinutes)}
	}
	return nil
}

// TaskDone is a task in a line of a timeline.
type TaskDone struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	At      time.Time `json:"at"`
	Minutes int       `json:"minutes,omitempty"`
	Public  bool      `json:"public,omitempty"`
}
