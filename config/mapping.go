package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/astreinte/astreinte/ingest"
)

// mapping reads what the JSON of a source means, by jq. Sources of other types
// have none.
func (t *table) mapping(s *Source) *ingest.Mapping {
	spec := ingest.MappingSpec{Each: t.get("each").textOr("")}
	m := t.get("map").table()
	spec.Key, spec.Status = m.get("key").textOr(""), m.get("status").textOr("")
	spec.Title, spec.Labels, spec.Annotations = m.get("title").textOr(""), m.get("labels").textOr(""), m.get("annotations").textOr("")
	spec.StartsAt, spec.EndsAt = m.get("starts_at").textOr(""), m.get("ends_at").textOr("")
	m.done()
	a := t.get("answer").table()
	if list := a.get("status").status(nil); len(list) > 0 {
		spec.Answer.Status = list[0]
	}
	spec.Answer.Body = a.get("body").textOr("")
	a.done()
	sample := t.get("sample")
	sample.note(noteType, "file")
	mailed := t.r.opts.Tools.Mailed(s.Type)
	if mailed {
		for _, key := range []string{"each", "answer"} {
			if v := t.child(key); v.given() {
				v.errorf("a mail is one alert, and is answered as mails are: leave it out")
			}
		}
		if !t.child("map").given() && !sample.given() {
			return nil
		}
		spec.Partial = true
	} else if !t.r.opts.Tools.Mapped(s.Type) {
		for _, key := range []string{"each", "map", "answer", "sample"} {
			if v := t.child(key); v.given() {
				v.errorf("sources of type %q are not described: their tool says what its messages mean", s.Type)
			}
		}
		return nil
	}
	if !t.child("map").given() && !mailed {
		t.errorf("map wanted: it says what the JSON means")
		return nil
	}
	made, faults := ingest.NewMapping(spec)
	for _, fault := range faults {
		if at := t.at(fault.Path); !at.reported() {
			at.errorf("%v", fault.Err)
		}
	}
	if path, ok := sample.text(); ok && len(faults) == 0 && t.r.opts.Thorough {
		if err := t.trySample(s, made, path); err != nil {
			sample.errorf("%s: %v", path, err)
		}
	}
	return made
}

// trySample reads a body of the source as it would be read if it came.
func (t *table) trySample(s *Source, m *ingest.Mapping, path string) error {
	f, err := os.Open(t.r.resolve(path))
	var data []byte
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(f, s.MaxBody+1))
		_ = f.Close() // it was only read
	}
	switch at := (*fs.PathError)(nil); {
	case errors.As(err, &at):
		return at.Err // we name the path ourselves
	case err != nil:
		return err
	case int64(len(data)) > s.MaxBody:
		return fmt.Errorf("it is larger than max_body, %d bytes", s.MaxBody)
	}
	alerts, err := t.r.opts.Tools.Read(ingest.Source{Name: s.Name, Type: s.Type, MaxAlerts: s.MaxAlerts, Mapping: m}, data, t.r.opts.Now)
	if err == nil && len(alerts) == 0 {
		err = errors.New("the map finds no alert in it")
	}
	for i := range alerts {
		if why := alerts[i].Annotations[ingest.MapError]; why != "" && err == nil {
			err = errors.New(why)
		}
	}
	return err //nolint:wrapcheck // the caller says what it is about
}
