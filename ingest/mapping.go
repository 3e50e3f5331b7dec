package ingest

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/astreinte/astreinte/internal/jq"
)

// MappingSpec says, as jq expressions, how alerts are read from any JSON. Each
// yields the alerts; the others see one of these.
type MappingSpec struct {
	Each        string // empty: the body is one alert
	Key         string // the same for a problem and its end
	Status      string // firing, resolved, acknowledged or ignore
	Title       string // empty, or null: made of the labels
	Labels      string // an object
	Annotations string // an object
	StartsAt    string // RFC 3339, or seconds since 1970
	EndsAt      string
	// Partial says that key and status may be left out: the tool's own reading
	// stands then.
	Partial bool
	Answer  MappedAnswer
}

// MappedAnswer is what a sender gets whose alerts were taken.
type MappedAnswer struct {
	Status int    // 0: that of other sources
	Body   string // empty: with Status none, else that of other sources
}

// Fault is something that is wrong with a MappingSpec.
type Fault struct {
	Path []string // of the key, below that of the source
	Err  error
}

// Mapping is a MappingSpec that is ready to be used.
type Mapping struct {
	each, key, status, title, labels, annotations, startsAt, endsAt *jq.Program

	answer MappedAnswer
}

// NewMapping makes a Mapping. It is whole only if there is no fault.
func NewMapping(spec MappingSpec) (*Mapping, []Fault) {
	m := &Mapping{answer: spec.Answer}
	var faults []Fault
	for _, e := range []struct {
		text   string
		into   **jq.Program
		needed bool
		path   []string
	}{
		{spec.Each, &m.each, false, []string{"each"}},
		{spec.Key, &m.key, !spec.Partial, []string{"map", "key"}},
		{spec.Status, &m.status, !spec.Partial, []string{"map", "status"}},
		{spec.Title, &m.title, false, []string{"map", "title"}},
		{spec.Labels, &m.labels, false, []string{"map", "labels"}},
		{spec.Annotations, &m.annotations, false, []string{"map", "annotations"}},
		{spec.StartsAt, &m.startsAt, false, []string{"map", "starts_at"}},
		{spec.EndsAt, &m.endsAt, false, []string{"map", "ends_at"}},
	} {
		var err error
		if *e.into, err = jq.Compile(e.text); err == nil && *e.into == nil && e.needed {
			err = errors.New("a jq expression wanted")
		}
		if err != nil {
			faults = append(faults, Fault{e.path, err})
		}
	}
	if s := spec.Answer.Status; s != 0 && (s < http.StatusOK || s >= http.StatusMultipleChoices) {
		faults = append(faults, Fault{[]string{"answer", "status"}, fmt.Errorf("%d is no success: senders would send again what was taken", s)})
	}
	if s := spec.Answer.Status; (s == http.StatusNoContent || s == http.StatusResetContent) && spec.Answer.Body != "" {
		faults = append(faults, Fault{[]string{"answer", "body"}, fmt.Errorf("an answer of status %d has no body", s)})
	}
	return m, faults
}
