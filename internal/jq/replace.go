package jq

import (
	"errors"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// maxReplace is how long a text may be in which something is replaced, in bytes; the
// rest is cut off: what finds the places takes memory by the square of them.
const maxReplace = 8 << 10

// replacing are sub and gsub as jq has them, but that the texts are put together by one
// function with a bound: the library's puts each piece behind all that it has, however
// long that is.
const replacing = `def __sub(re; str; flags):
  re as $__re | flags as $__flags |
  [match($__re; $__flags) | [.offset, .length, [.captures | _captures | str]]] as $__list |
  __replace($__list; $__meter) | .[];
__sub(.; .; .)`

// replacement is a call of sub or gsub, whose arguments are checked already.
func replacement(name string, args []*gojq.Query) (*gojq.Query, error) {
	q, err := gojq.Parse(replacing)
	if err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	flags := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeNull}}
	if len(args) == 3 {
		flags = args[2]
	}
	if name == "gsub" {
		g := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeString, Str: &gojq.String{Str: "g"}}}
		flags = &gojq.Query{Left: grouped(flags), Op: gojq.OpAdd, Right: g}
	}
	q.Term.Func.Args = []*gojq.Query{args[0], args[1], flags}
	return pipe(call(cutName, call(meterName)), q), nil
}

// cut is its input. Of a text it is the part in which something may be replaced.
func cut(v any, args []any) any {
	if s, ok := v.(string); ok && len(s) > maxReplace {
		v = begin(s, maxReplace)
	}
	return check(v, args)
}

var errReplaced = errors.New("a text can be replaced by a text alone")

// replace puts texts together: its input's, and those that take the place of what was
// found in it. Of the first one that is found for each place there is one result, of the
// second another.
func replace(v any, args []any) any {
	text, _ := v.(string)
	found, _ := args[0].([]any)
	m, ok := args[1].(*Meter)
	if !ok {
		return errHeavy
	}
	runes := []rune(text)
	var made []*strings.Builder
	next := 0
	for _, item := range found {
		place, _ := item.([]any)
		offset, length, by := parts(place, len(runes))
		for i, out := range by {
			said, isText := out.(string)
			if !isText && out != nil {
				return errReplaced
			}
			if i == len(made) {
				made = append(made, &strings.Builder{})
			}
			piece := string(runes[min(next, offset):offset]) + said
			m.charge(len(piece))
			if made[i].Len()+len(piece) > maxString {
				return errString
			}
			made[i].WriteString(piece)
		}
		next = offset + length
	}
	if len(made) == 0 {
		return []any{text}
	}
	results := make([]any, len(made))
	for i, b := range made {
		b.WriteString(string(runes[next:]))
		results[i] = b.String()
	}
	return results
}

// parts are where something was found, in characters, and what takes its place.
func parts(place []any, most int) (offset, length int, by []any) {
	if len(place) < 3 {
		return 0, 0, nil
	}
	offset, _ = place[0].(int)
	length, _ = place[1].(int)
	by, _ = place[2].([]any)
	offset = min(max(offset, 0), most)
	return offset, min(max(length, 0), most-offset), by
}
