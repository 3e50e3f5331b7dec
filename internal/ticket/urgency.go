package ticket

import "fmt"

// Urgency is how bad a ticket is, on the one internal scale of four (S1-24).
// Higher is worse, so values compare.
type Urgency int8

// The four urgencies. The zero value is "not known yet" and is never stored on
// a ticket.
const (
	UrgencyUnknown Urgency = iota
	Low
	Minor
	Major
	Critical
)

var urgencyNames = [...]string{"", "low", "minor", "major", "critical"}

// Urgencies lists the scale, worst first.
func Urgencies() []Urgency { return []Urgency{Critical, Major, Minor, Low} }

// ParseUrgency reads "critical", "major", "minor" or "low".
func ParseUrgency(s string) (Urgency, error) {
	for u, name := range urgencyNames {
		if u > 0 && name == s {
			return Urgency(u), nil
		}
	}
	return UrgencyUnknown, fmt.Errorf("no urgency named %q: critical, major, minor or low", s)
}

// String is the urgency's name; empty if it is unknown.
func (u Urgency) String() string {
	if u < 0 || int(u) >= len(urgencyNames) {
		return fmt.Sprintf("urgency(%d)", int8(u))
	}
	return urgencyNames[u]
}

// MarshalText writes the name.
func (u Urgency) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the name; an empty text is the unknown urgency.
func (u *Urgency) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*u = UrgencyUnknown
		return nil
	}
	parsed, err := ParseUrgency(string(text))
	*u = parsed
	return err
}
