package ingest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// single reads a body that speaks of one thing. body is known to be JSON. It
// returns ErrTest for a message that only tries the way here, and errNothing
// for one that asks for nothing.
type single func(body value, now time.Time) (ticket.Alert, error)

// ErrTest says that a body is a test message: it is answered, and opens
// nothing.
var ErrTest = errors.New("a test message: it is answered as taken, and opens nothing")

// errNothing says that a body tells nothing that anybody has to know.
var errNothing = errors.New("nothing to do")

// one makes a parser of a reader of one thing: of a body in any form that
// jsonOf understands.
func one(read single) parser {
	return func(_ context.Context, data []byte, s *Source, now time.Time, _ func(context.Context, []ticket.Alert) error) (p parsed, err error) {
		if data, err = jsonOf(data); err != nil {
			return p, err
		}
		body := parsedValue(data)
		switch {
		case body.to == 0:
			return p, explain(data)
		case body.kind() != '{':
			return p, errors.New(mismatch(&reader{data: data, at: body.from}, data[body.from], "the body", "object"))
		}
		a, err := read(body, now)
		switch {
		case errors.Is(err, ErrTest):
			p.test = true
			return p, nil
		case errors.Is(err, errNothing):
			return p, nil
		case err != nil:
			return p, err
		}
		a.Labels = withoutEmpty(a.Labels)
		a.Annotations = withoutEmpty(a.Annotations)
		entitle(&a)
		a.StartsAt, a.EndsAt = ticket.SentTime(a.StartsAt), ticket.SentTime(a.EndsAt)
		s.add(&a)
		if a.Bound(0) {
			p.cut++
		}
		p.Alerts = []ticket.Alert{a}
		return p, nil
	}
}

// singles are the methods and the answers of a path that takes what speaks of
// one thing.
func singles(read single) path {
	return path{methods: []string{http.MethodPost}, parse: one(read), answers: okAnswers}
}

// okAnswers are plain answers with 200: some senders take nothing else for a
// success.
var okAnswers = answers{taken: plainTaken(http.StatusOK), wrong: writeError}

// key is a fingerprint of the parts that name a thing in its tool.
func key(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	return fingerprint(strings.Join(escaped, "/"), nil)
}

// epoch reads seconds since 1970, with a fraction perhaps, or milliseconds;
// none for what is no such number.
func epoch(text string) time.Time {
	whole, _, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}
	case n >= 1e11:
		return time.UnixMilli(n).UTC()
	}
	return time.Unix(n, 0).UTC()
}

// atOrNone is a time as text; none for what is no time.
func atOrNone(text string) time.Time {
	if len(text) > longestTime {
		return time.Time{}
	}
	at, err := parseTime(text)
	if err != nil {
		return time.Time{}
	}
	return at
}
