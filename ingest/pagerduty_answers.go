package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// eventKey reads the key out of an event's body, and nothing else.
func eventKey(form eventForm) func(*call) (string, error) {
	known := []string{form.key}
	return func(c *call) (key string, err error) {
		r := newReader(c.body)
		ok := r.members(func(name text) bool {
			if r.field(name, known) == "" {
				return r.skip()
			}
			s, is, ok := r.scalar()
			if is {
				key = s
			}
			return ok
		})
		switch {
		case !ok || !r.ended():
			return "", explain(c.body)
		case key == "":
			return "", &misuse{status: http.StatusBadRequest, message: "Event object is invalid", faults: []fault{
				{form.key, fmt.Sprintf("'%s' is missing or blank", form.key)},
			}}
		}
		return key, nil
	}
}

// hearEvent hears an event of a version.
func hearEvent(form eventForm) func(*call) (said, error) {
	return func(c *call) (said, error) {
		e, err := readEvent(c.body, form)
		if err == nil {
			err = e.check(form)
		}
		if err != nil {
			return said{}, err
		}
		if e.name == "" {
			e.name = newKey()
		}
		name := e.name
		answer := func(c *call, _ Taken) int {
			if form.old {
				return c.say(http.StatusOK, struct {
					Status  string `json:"status"`
					Message string `json:"message"`
					Key     string `json:"incident_key"`
				}{"success", "Event processed", name})
			}
			return c.say(http.StatusAccepted, struct {
				Status  string `json:"status"`
				Message string `json:"message"`
				Key     string `json:"dedup_key"`
			}{"success", "Event processed", name})
		}
		return said{parsed: e.parsed(c.began), answer: answer}, nil
	}
}

// hearChange hears that something was changed, which pages nobody and is not
// kept.
func hearChange(c *call) (said, error) {
	e, err := readEvent(c.body, eventV2)
	if err != nil {
		return said{}, err
	}
	if e.summary == "" {
		e.wrong("payload.summary", "'payload.summary' is missing or blank")
	}
	if err := e.faulty(); err != nil {
		return said{}, err
	}
	return said{answer: func(c *call, _ Taken) int {
		return c.say(http.StatusAccepted, struct {
			Status  string `json:"status"`
			Message string `json:"message"`
		}{"success", "Change event processed"})
	}}, nil
}

// eventWrong answers as PagerDuty does. To it a wrong key is one more fault of
// an event: 400. It never answers 403 or 429, after which senders hurry less.
func eventWrong(c *call, f failure, faults []fault) {
	word, message, status := "error", f.message, f.status
	errs := make([]string, 0, len(faults)+1)
	for _, f := range faults {
		errs = append(errs, f.reason)
	}
	switch {
	case status == http.StatusUnauthorized:
		status, errs = http.StatusBadRequest, append(errs, "Invalid routing key")
		fallthrough
	case status == http.StatusBadRequest:
		word = "invalid event"
		if len(errs) == 0 {
			errs = append(errs, message)
		}
		message = "Event object is invalid"
	case len(errs) == 0:
		errs = append(errs, message)
	}
	c.say(status, struct {
		Status  string   `json:"status"`
		Message string   `json:"message"`
		Errors  []string `json:"errors"`
	}{word, message, errs})
}

// say answers with JSON in the order of its fields, as it is and without a
// line's end: some senders compare.
func (c *call) say(status int, v any) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // of strings and numbers
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(bytes.TrimRight(b.Bytes(), "\n")) // if the client is gone, nothing can be done
	return status
}
