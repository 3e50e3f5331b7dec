package jq

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// Bounds of the values that an expression builds.
const (
	maxWeight  = 32 << 20 // of one value with all that is in it, roughly in bytes
	maxString  = 1 << 20  // of one text, in bytes
	maxSearch  = 64 << 10 // of a text that a pattern is looked for in; the rest is not looked at
	maxDigits  = 8 << 10  // bits of a number
	maxIndex   = 100_000  // of a list's place that an expression names
	objectSize = 96
	memberSize = 48
	listSize   = 24
	scalarSize = 16
)

var (
	errHeavy  = errors.New("the expression builds more than it may")
	errString = fmt.Errorf("the expression builds a text of more than %d bytes", maxString)
	errDigits = errors.New("the expression builds a number that is too long")
	errIndex  = fmt.Errorf("the expression names a place beyond %d", maxIndex)
)

// weigh adds the weight of a value to sum, as long as that is within the bound.
func weigh(v any, sum *int) error {
	*sum += scalarSize
	switch v := v.(type) {
	case string:
		if len(v) > maxString {
			return errString
		}
		*sum += len(v)
	case json.Number:
		*sum += len(v)
	case *big.Int:
		if v.BitLen() > maxDigits {
			return errDigits
		}
		*sum += v.BitLen() / 8
	case []any:
		*sum += listSize
		for _, item := range v {
			if err := weigh(item, sum); err != nil {
				return err
			}
		}
	case map[string]any:
		*sum += objectSize
		for name, item := range v {
			*sum += memberSize + len(name)
			if err := weigh(item, sum); err != nil {
				return err
			}
		}
	}
	if *sum > maxWeight {
		return errHeavy
	}
	return nil
}

// within is nil if values are within the bounds together. It costs steps.
func within(meter any, values ...any) error {
	m, ok := meter.(*Meter)
	if !ok {
		return errHeavy
	}
	sum := 0
	for _, v := range values {
		if err := weigh(v, &sum); err != nil {
			return err
		}
	}
	m.charge(sum)
	return nil
}

// check is its input, if that is within the bounds.
func check(v any, args []any) any {
	if err := within(args[0], v); err != nil {
		return err
	}
	return v
}

// search is so too. Of a text it is the part that a pattern is looked for in.
func search(v any, args []any) any {
	if s, ok := v.(string); ok && len(s) > maxSearch {
		v = begin(s, maxSearch)
	}
	return check(v, args)
}

// index is its input, if a list may have such a place.
func index(v any, args []any) any {
	if n, ok := number(v); ok && n > maxIndex {
		return errIndex
	}
	return check(v, args)
}

// joinable is its input, if what joins it leaves it within the bounds.
func joinable(v any, args []any) any {
	list, _ := v.([]any)
	separator, _ := args[0].(string)
	if len(separator)*len(list) > maxString {
		return errString
	}
	return check(v, args[1:])
}

// pair is both operands as a list, if they are within the bounds together.
func pair(_ any, args []any) any {
	if err := within(args[2], args[0], args[1]); err != nil {
		return err
	}
	return []any{args[0], args[1]}
}

// times is so too, for operands that are multiplied.
func times(v any, args []any) any {
	for i := range 2 {
		text, isText := args[i].(string)
		n, isNumber := number(args[1-i])
		if !isText || !isNumber {
			continue
		}
		if float64(len(text))*n > maxString {
			return errString
		}
		if m, ok := args[2].(*Meter); ok { // pair wants one
			m.charge(int(float64(len(text)) * max(n, 0)))
		}
	}
	return pair(v, args)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	case *big.Int:
		n, _ := new(big.Float).SetInt(v).Float64()
		return n, true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil || n != 0 // beyond the range it is infinite
	}
	return 0, false
}
