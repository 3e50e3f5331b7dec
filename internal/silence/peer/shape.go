package peer

import (
	"errors"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The shapes of Alertmanager's API, with what it always has.

type alertShape struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	UpdatedAt    time.Time         `json:"updatedAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
	Fingerprint  string            `json:"fingerprint"`
	Receivers    []named           `json:"receivers"`
	Status       alertStatus       `json:"status"`
}

type named struct {
	Name string `json:"name"`
}

type alertStatus struct {
	State       string   `json:"state"` // active or suppressed
	SilencedBy  []string `json:"silencedBy"`
	InhibitedBy []string `json:"inhibitedBy"`
	MutedBy     []string `json:"mutedBy"`
}

type groupShape struct {
	Labels   map[string]string `json:"labels"`
	Receiver named             `json:"receiver"`
	Alerts   []alertShape      `json:"alerts"`
}

// silenceAsked is a silence as it is posted.
type silenceAsked struct {
	ID        string         `json:"id"`
	Matchers  []matcherShape `json:"matchers"`
	StartsAt  time.Time      `json:"startsAt"`
	EndsAt    time.Time      `json:"endsAt"`
	CreatedBy string         `json:"createdBy"`
	Comment   string         `json:"comment"`
}

// silenceShape is one as it is told.
type silenceShape struct {
	silenceAsked
	UpdatedAt time.Time `json:"updatedAt"`
	Status    struct {
		State string `json:"state"` // pending, active or expired
	} `json:"status"`
}

type matcherShape struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	IsRegex bool   `json:"isRegex"`
	IsEqual *bool  `json:"isEqual,omitempty"` // left out: true
}

// matcher is the shape as a matcher is written.
func (m *matcherShape) matcher() (*labels.Matcher, error) {
	of := labels.MatchEqual
	switch equal := m.IsEqual == nil || *m.IsEqual; {
	case equal && m.IsRegex:
		of = labels.MatchRegexp
	case !equal && m.IsRegex:
		of = labels.MatchNotRegexp
	case !equal:
		of = labels.MatchNotEqual
	}
	if regex := of == labels.MatchRegexp || of == labels.MatchNotRegexp; len(m.Value) > ticket.MaxTitle || regex && silence.Heavy(m.Value) {
		return nil, errors.New("its value is too long, or has too many parts once compiled")
	}
	return labels.NewMatcher(of, m.Name, m.Value) //nolint:wrapcheck // it says what is wrong
}

func shapeOf(m *labels.Matcher) matcherShape {
	equal := m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp
	return matcherShape{Name: m.Name, Value: m.Value, IsRegex: m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp, IsEqual: &equal}
}

type statusShape struct {
	Cluster struct {
		Status string  `json:"status"`
		Peers  []named `json:"peers"`
	} `json:"cluster"`
	Version struct {
		Version   string `json:"version"`
		Revision  string `json:"revision"`
		Branch    string `json:"branch"`
		BuildUser string `json:"buildUser"`
		BuildDate string `json:"buildDate"`
		GoVersion string `json:"goVersion"`
	} `json:"versionInfo"`
	Config struct {
		Original string `json:"original"`
	} `json:"config"`
	Uptime time.Time `json:"uptime"` // since when it is up
}
