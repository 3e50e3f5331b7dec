package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

const (
	exprTimeout = time.Second // an expression takes microseconds; this stops one that never ends
	maxEach     = 1000        // receipts or texts in one request
)

// expr is a jq expression that is ready to run. It reads no files and no
// environment. A nil expr yields nothing.
type expr struct{ code *gojq.Code }

// compile returns nil for an empty text.
func compile(text string) (*expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("not a jq expression: %w", err)
	}
	code, err := gojq.Compile(query, gojq.WithVariables([]string{"$status", "$query"}))
	if err != nil {
		return nil, fmt.Errorf("not a jq expression: %w", err)
	}
	return &expr{code}, nil
}

// input is what an expression sees.
type input struct {
	value  any            // "."
	status int            // $status, of an answer
	query  map[string]any // $query, of a request
}

// all are all values that the expression yields.
func (e *expr) all(in input) ([]any, error) {
	if e == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), exprTimeout)
	defer cancel()
	query := in.query
	if query == nil {
		query = map[string]any{}
	}
	var values []any
	for iter := e.code.RunWithContext(ctx, in.value, in.status, query); ; {
		v, ok := iter.Next()
		if !ok {
			return values, nil
		}
		if err, failed := v.(error); failed {
			if errors.Is(err, context.DeadlineExceeded) {
				return nil, errors.New("the expression does not end")
			}
			return nil, err
		}
		if values = append(values, v); len(values) > maxEach {
			return nil, fmt.Errorf("the expression yields more than %d values", maxEach)
		}
	}
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
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return strings.TrimSpace(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case *big.Int:
		return v.String(), nil
	case json.Number:
		return v.String(), nil
	}
	return "", errors.New("the expression yields neither a text nor a number")
}

// holds reports whether the first value is neither false nor null. If the
// expression does not fit the input, it does not hold.
func (e *expr) holds(in input) bool {
	v, err := e.first(in)
	return err == nil && v != nil && v != false
}

// parseJSON reads one JSON value. Its numbers stay as they were written.
func parseJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: more behind the first value")
	}
	return v, nil
}
