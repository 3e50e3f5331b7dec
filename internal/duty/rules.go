package duty

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Errors of what cannot be.
var (
	ErrNotFound  = errors.New("duty: there is no such replacement")
	ErrForbidden = errors.New("duty: this person may not")
	// ErrNothing: nobody's duty is touched.
	ErrNothing = errors.New("duty: nobody's duty is touched")
	// ErrOver: it is accepted, declined, dropped or over by now.
	ErrOver = errors.New("duty: it is not open any more")
	// ErrTooMany: of those of whoever makes it [ticket.MaxReplacements] are not over, or
	// [ticket.MaxReplacementsDay] were made within 24 hours.
	ErrTooMany = errors.New("duty: too many replacements were made")
)

// FieldError is a field of a proposal that is wrong.
type FieldError struct{ Field, Why string }

func (e *FieldError) Error() string { return "duty: " + e.Field + ": " + e.Why }

// OverlapError names a replacement that stands in the way.
type OverlapError struct{ With Replacement }

func (e *OverlapError) Error() string {
	return fmt.Sprintf("duty: it overlaps %s, of %s in the place of %s from %s to %s", e.With.ID, e.With.Person, e.With.InsteadOf,
		e.With.From.Format(time.RFC3339), e.With.To.Format(time.RFC3339))
}

const (
	// longest is how long a replacement may be: a longer one is a rotation.
	longest = 366 * 24 * time.Hour
	// furthest is how far ahead one may be planned.
	furthest = 2 * longest
)

// Actor is who makes or answers a replacement: a person, or a token of nobody's.
type Actor struct {
	Name    string // of a token, or the person's key
	Person  string // empty: nobody
	Manager bool   // may change everybody's duty
	// Of says by Role in which groups that is so. If it or the role is not given it is
	// in all of them, as Manager says.
	Of   *contacts.Directory
	Role contacts.Role
}

// in is the actor in a group.
func (a Actor) in(group string) Actor {
	if a.Of != nil && a.Role != "" {
		a.Manager = a.Of.Manages(group, a.Person, a.Role)
	}
	return a
}

// check says what is wrong with a proposal, and puts it into shape: what began
// already begins now.
func (r *Replacement) check(d *contacts.Directory, now time.Time) error {
	if r.From.IsZero() {
		r.From = now
	}
	if _, ok := d.Group(r.Group); !ok {
		return &FieldError{"group", fmt.Sprintf("no group is named %q", ticket.Logged(r.Group))}
	}
	for _, f := range []struct {
		name, key string
		needed    bool
	}{{"person", r.Person, true}, {"instead_of", r.InsteadOf, false}, {"with", r.With, r.Kind == Swap}} {
		if _, ok := d.Person(f.key); !ok && (f.needed || f.key != "") {
			return &FieldError{f.name, fmt.Sprintf("nobody has the key %q", ticket.Logged(f.key))}
		}
	}
	switch r.Kind {
	case Cover, Besides:
		if r.With != "" || !r.Theirs.From.IsZero() || !r.Theirs.To.IsZero() {
			return &FieldError{"with", "it is of a swap"}
		}
		if r.Kind == Besides && r.InsteadOf != "" {
			return &FieldError{"instead_of", "who is on call besides takes nobody's place"}
		}
		if r.Person == r.InsteadOf {
			return &FieldError{"instead_of", "it is the same person"}
		}
	case Swap:
		if r.InsteadOf != "" {
			return &FieldError{"instead_of", "a swap has with"}
		}
		if r.With == r.Person {
			return &FieldError{"with", "it is the same person"}
		}
		if err := r.Theirs.check("their_", now); err != nil {
			return err
		}
	default:
		return &FieldError{"kind", fmt.Sprintf("no kind is named %q: cover, besides or swap", ticket.Logged(string(r.Kind)))}
	}
	return r.Hours.check("", now)
}

func (h *Hours) check(prefix string, now time.Time) error {
	if h.From.Before(now) {
		h.From = now
	}
	h.From, h.To = h.From.UTC().Truncate(time.Second), h.To.UTC().Truncate(time.Second)
	switch {
	case h.To.IsZero():
		return &FieldError{prefix + "to", "it is needed"}
	case !h.From.Before(h.To):
		return &FieldError{prefix + "to", "it is over before it begins"}
	case h.To.Sub(h.From) > longest:
		return &FieldError{prefix + "to", "it is a year at most: who is on call for longer belongs into the configuration"}
	case h.To.Sub(now) > furthest:
		return &FieldError{prefix + "from", "it is two years ahead at most"}
	}
	return nil
}

// touches says whether the hours of a replacement are anybody's duty: whose place
// it takes is on call in them, or gets on call by it.
func (r *Replacement) touches(d *contacts.Directory) bool {
	as := *r
	as.State = Planned
	for _, p := range as.places() {
		if p.of == "" {
			continue // in everybody's place, or besides
		}
		named := slices.ContainsFunc(d.Schedule(p.group, p.hours.From, p.hours.To), func(s contacts.Span) bool {
			return slices.ContainsFunc(s.People, func(a contacts.Assignment) bool { return a.Person == p.of })
		})
		if !named {
			return false
		}
	}
	return true
}

// overlaps is the first of others that takes a place which r takes too.
func (r *Replacement) overlaps(others []Replacement) *Replacement {
	as := *r
	as.State = Planned
	for i := range others {
		if others[i].ID == r.ID {
			continue
		}
		for _, theirs := range others[i].places() {
			for _, ours := range as.places() {
				if theirs.group == ours.group && theirs.of == ours.of && theirs.besides == ours.besides && theirs.hours.meets(ours.hours) &&
					(!ours.besides || theirs.person == ours.person) {
					return &others[i]
				}
			}
		}
	}
	return nil
}

// may says whether somebody may make it, and whether somebody else has to accept it
// first: a manager decides, others offer what they do not do themselves.
func (r *Replacement) may(by Actor) (offered bool, err error) {
	by = by.in(r.Group)
	switch {
	case r.Kind == Swap && (by.Manager || by.Person == r.Person):
		return true, nil // the other one says yes, whoever asks
	case by.Manager:
		return false, nil
	case by.Person == "":
		return false, ErrForbidden
	case by.Person == r.Person:
		return false, nil
	case r.Kind == Cover && by.Person == r.InsteadOf:
		return true, nil
	}
	return false, ErrForbidden
}
