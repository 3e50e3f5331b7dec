package ticket

import (
	"fmt"
	"strconv"
	"strings"
)

// Means is a person and a channel.
type Means struct{ Person, Channel string }

// String writes "alice/sms".
func (m Means) String() string { return m.Person + "/" + m.Channel }

// MarshalText writes what String does, as it is stored.
func (m Means) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads it.
func (m *Means) UnmarshalText(text []byte) error {
	person, channel, ok := strings.Cut(string(text), "/")
	if !ok {
		return fmt.Errorf("%q: a person and a channel wanted, as alice/sms", text)
	}
	m.Person, m.Channel = person, channel
	return nil
}

// StepMeans is a person and a channel, for the pages of one step
// (PageKey.Step).
type StepMeans struct {
	Step KeyStep
	Means
}

// String writes "0/alice/sms".
func (m StepMeans) String() string { return strconv.Itoa(m.Step.Number()) + "/" + m.Means.String() }

// MarshalText writes what String does, as it is stored.
func (m StepMeans) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads it.
func (m *StepMeans) UnmarshalText(text []byte) error {
	number, rest, _ := strings.Cut(string(text), "/")
	step, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("%q: a step, a person and a channel wanted, as 0/alice/sms", text)
	}
	m.Step = stepOf(step)
	return m.Means.UnmarshalText([]byte(rest))
}

// Means is whom the page goes to, and by which channel.
func (k PageKey) Means() Means { return Means{k.Person, k.Channel} }

// StepMeans is that, with the page's step.
func (k PageKey) StepMeans() StepMeans { return StepMeans{k.Step, k.Means()} }
