package jq

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
)

// MaxText is the longest expression, in bytes.
const MaxText = 16 << 10

// Program is an expression that is ready to run. A nil Program yields nothing.
// Any goroutine may use it.
type Program struct{ code *gojq.Code }

// Compile makes a Program. variables are the names, with their dollar, of what
// a run is given besides its input. For an empty text it returns nil.
func Compile(text string, variables ...string) (*Program, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len(text) > MaxText {
		return nil, fmt.Errorf("an expression has at most %d bytes, this one has %d", MaxText, len(text))
	}
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("not a jq expression: %w", err)
	}
	b := bounder{}
	b.query(query)
	if b.refused != "" {
		return nil, fmt.Errorf("not a jq expression that is run here: %s", b.refused)
	}
	code, err := gojq.Compile(query,
		gojq.WithVariables(append([]string{meterName}, variables...)),
		gojq.WithFunction(checkName, 1, 1, check),
		gojq.WithFunction(searchName, 1, 1, search),
		gojq.WithFunction(indexName, 1, 1, index),
		gojq.WithFunction(joinName, 2, 2, joinable),
		gojq.WithFunction(pairName, 3, 3, pair),
		gojq.WithFunction(timesName, 3, 3, times),
		gojq.WithFunction(cutName, 1, 1, cut),
		gojq.WithFunction(putName, 2, 2, replace),
	)
	if err != nil {
		return nil, fmt.Errorf("not a jq expression: %w", err)
	}
	return &Program{code}, nil
}

// All are all values that a run yields, at most so many. values are those of
// the variables.
func (p *Program) All(m *Meter, most int, v any, values ...any) ([]any, error) {
	if p == nil {
		return nil, nil
	}
	var all []any
	for iter := p.code.RunWithContext(m, v, append([]any{m}, values...)...); ; {
		v, ok := iter.Next()
		if !ok {
			return all, nil
		}
		if err, failed := v.(error); failed {
			return nil, plainly(err)
		}
		if all = append(all, v); len(all) > most {
			return nil, fmt.Errorf("the expression yields more than %d values", most)
		}
	}
}

// First is the first value; nil if there is none.
func (p *Program) First(m *Meter, v any, values ...any) (any, error) {
	if p == nil {
		return nil, nil
	}
	first, ok := p.code.RunWithContext(m, v, append([]any{m}, values...)...).Next()
	if !ok {
		return nil, nil
	}
	if err, failed := first.(error); failed {
		return nil, plainly(err)
	}
	return first, nil
}

// plainly is an error of a run. One that quotes what it was given is cut.
func plainly(err error) error {
	if errors.Is(err, ErrEndless) || errors.Is(err, ErrLate) {
		return err
	}
	text := err.Error()
	if len(text) > longestError {
		text = strings.ToValidUTF8(text[:longestError], "") + "…"
	}
	return errors.New(text)
}

const longestError = 300

// ErrNoText says that a value is neither a text nor a number.
var ErrNoText = errors.New("the expression yields neither a text nor a number")

// Text is a value as a text, without spaces around it. A number is as it was
// written. No value is the empty text.
func Text(v any) (string, error) {
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
	return "", ErrNoText
}
