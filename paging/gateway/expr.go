package gateway

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/jq"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	exprTimeout = time.Second // an expression takes microseconds; this stops one on a machine that stands still
	tryTimeout  = time.Minute // for one that is tried before it serves: its steps alone shall end it
)

// expr is a jq expression that is ready to run. A nil expr yields nothing.
type expr struct{ program *jq.Program }

// compile returns nil for an empty text.
func compile(text string) (*expr, error) {
	p, err := jq.Compile(text, "$status", "$query")
	if err != nil || p == nil {
		return nil, err //nolint:wrapcheck // it says what is wrong with the expression; the caller says which it is
	}
	return &expr{p}, nil
}

// input is what an expression sees.
type input struct {
	value  any            // "."
	status int            // $status, of an answer
	query  map[string]any // $query, of a request
}

// all are all values that the expression yields.
func (e *expr) all(in input) ([]any, error) { return e.within(exprTimeout, in) }

// within is all, with so much time.
func (e *expr) within(limit time.Duration, in input) ([]any, error) {
	if e == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	query := in.query
	if query == nil {
		query = map[string]any{}
	}
	return e.program.All(jq.NewMeter(ctx, jq.Steps), ticket.MaxGatewayItems, in.value, in.status, query) //nolint:wrapcheck // as above
}

// first is the first value; nil if there is none.
func (e *expr) first(in input) (any, error) {
	values, err := e.all(in)
	if err != nil || len(values) == 0 {
		return nil, err
	}
	return values[0], nil
}

// text is the first value as a text, without spaces around it. A number is as
// it was written. No value is the empty text.
func (e *expr) text(in input) (string, error) {
	v, err := e.first(in)
	if err != nil {
		return "", err
	}
	return jq.Text(v) //nolint:wrapcheck // as above
}

// holds reports whether the first value is neither false nor null. If the
// expression does not fit the input, it does not hold.
func (e *expr) holds(in input) bool {
	v, err := e.first(in)
	return err == nil && v != nil && v != false
}

// parseJSON reads one JSON value. Its numbers stay as they were written.
func parseJSON(data []byte) (any, error) {
	v, _, err := jq.Parse(data)
	return v, err //nolint:wrapcheck // as above
}
