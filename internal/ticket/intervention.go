package ticket

import (
	"fmt"
	"slices"
	"time"
)

// The states of interventions.
const (
	InterventionPlanned   = "planned"
	InterventionDone      = "done"
	InterventionCancelled = "cancelled"
)

// InterventionStates lists the states of interventions.
func InterventionStates() []string {
	return []string{InterventionPlanned, InterventionDone, InterventionCancelled}
}

// Intervention is work that is planned (S1-46).
type Intervention struct {
	ID     string    `json:"id"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Place  string    `json:"place,omitempty" holds:"free"`
	Person string    `json:"person,omitempty" holds:"personal"` // who goes; empty: not decided
	State  string    `json:"state"`
}

// InterventionEdit is what an intervention is to be. What is nil stays as it is.
type InterventionEdit struct {
	ID     string
	From   *time.Time
	Until  *time.Time
	Place  *string
	Person *string
	State  *string
}

// Intervention finds an intervention; nil if there is none of that ID.
func (s *Sheet) Intervention(id string) *Intervention {
	if s == nil {
		return nil
	}
	return find(s.Interventions, func(v *Intervention) bool { return v.ID == id })
}

// Edit does an edit, and makes the intervention fit to be kept. The error is a
// *FieldError.
func (v *Intervention) Edit(e *InterventionEdit, now time.Time) error {
	given(&v.From, e.From)
	given(&v.Until, e.Until)
	given(&v.Place, e.Place)
	given(&v.Person, e.Person)
	given(&v.State, e.State)
	v.Place = Typed(v.Place, false)
	if v.State == "" {
		v.State = InterventionPlanned
	}
	v.From, v.Until = v.From.UTC().Truncate(time.Second), v.Until.UTC().Truncate(time.Second)
	switch {
	case v.From.IsZero():
		return &FieldError{Field: "from", Problem: "it is needed"}
	case v.Until.IsZero():
		return &FieldError{Field: "until", Problem: "it is needed"}
	case !v.Until.After(v.From):
		return &FieldError{Field: "until", Problem: "it is not after from"}
	case v.Until.Sub(v.From) > MaxInterventionDays*24*time.Hour:
		return &FieldError{Field: "until", Problem: fmt.Sprintf("%d days after from at most", MaxInterventionDays)}
	case v.From.After(now.AddDate(2, 0, 0)) || v.From.Before(now.AddDate(-1, 0, 0)):
		return &FieldError{Field: "from", Problem: "within a year before and two years after now"}
	case len(v.Place) > MaxSite:
		return &FieldError{Field: "place", Problem: fmt.Sprintf("%d bytes at most, not %d", MaxSite, len(v.Place))}
	case !slices.Contains(InterventionStates(), v.State):
		return &FieldError{Field: "state", Problem: fmt.Sprintf("it cannot be %q", Cut(v.State, MaxWord)), Values: InterventionStates()}
	}
	return nil
}
