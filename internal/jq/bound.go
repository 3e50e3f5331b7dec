package jq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// Names that only the checks have. An expression cannot write them.
const (
	meterName  = "$__meter"
	boundName  = "$__bound"
	checkName  = "__check"
	searchName = "__search"
	indexName  = "__index"
	joinName   = "__joinable"
	pairName   = "__pair"
	timesName  = "__times"
	cutName    = "__cut"
	putName    = "__replace"
)

// strangers are functions that an expression has no business with: they read
// more than its input, end the program, or make much of little in one step.
var strangers = []string{
	"input", "inputs", "env", "$ENV", "debug", "stderr", "halt", "halt_error", "modulemeta", "builtins", "input_line_number",
	"input_filename", "get_search_list", "getpath", "setpath", "fromstream", "nth", "transpose",
}

// plainFunctions neither look through their input nor build of it.
var plainFunctions = []string{
	"empty", "not", "select", "map", "length", "type", "values", "nulls", "strings", "numbers", "booleans",
	"arrays", "objects", "scalars", "iterables", "recurse", "first", "last", "has", "now", "isempty", "any", "all",
	"range", "limit", "repeat", "while", "until",
}

// searches look for a pattern in their input.
var searches = []string{"test", "match", "capture", "scan", "split", "splits", "sub", "gsub"}

// bounder puts the checks into a parsed expression.
type bounder struct {
	refused string   // the first thing that is not allowed; empty: nothing
	inside  []string // the functions whose bodies are being read
}

func (b *bounder) refuse(format string, args ...any) {
	if b.refused == "" {
		b.refused = fmt.Sprintf(format, args...)
	}
}

func (b *bounder) query(q *gojq.Query) {
	if q == nil {
		return
	}
	if q.Meta != nil || len(q.Imports) > 0 {
		b.refuse("it imports nothing")
	}
	for _, def := range q.FuncDefs {
		b.name(def.Name)
		if def.Name == "join" || def.Name == "add" || slices.Contains(searches, def.Name) {
			b.refuse("%s is jq's own: choose another name", def.Name)
		}
		for _, arg := range def.Args {
			b.name(arg)
		}
		b.inside = append(b.inside, def.Name)
		b.query(def.Body)
		b.inside = b.inside[:len(b.inside)-1]
	}
	b.term(q.Term)
	b.query(q.Left)
	b.query(q.Right)
	b.patterns(q.Patterns)
	b.operator(q)
}

// operator checks what an operator is given, and what an assignment makes.
func (b *bounder) operator(q *gojq.Query) {
	switch q.Op {
	case gojq.OpAdd, gojq.OpSub, gojq.OpDiv, gojq.OpMod, gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe:
		b.operands(q, pairName)
	case gojq.OpMul:
		b.operands(q, timesName)
	case gojq.OpUpdateAdd: // R as $x | L |= . + $x, as jq has it
		sum := &gojq.Query{Left: identity(), Op: gojq.OpAdd, Right: call(boundName)}
		b.operands(sum, pairName)
		assign := &gojq.Query{Left: q.Left, Op: gojq.OpModify, Right: sum}
		*q = gojq.Query{Left: grouped(q.Right), Op: gojq.OpPipe, Patterns: []*gojq.Pattern{{Name: boundName}}, Right: checked(assign), FuncDefs: q.FuncDefs}
	case gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod:
		b.refuse("%s is not known: write it with |=", q.Op)
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAlt:
		assign, defs := *q, q.FuncDefs
		assign.FuncDefs = nil
		*q = *checked(&assign)
		q.FuncDefs = defs
	default: // the others neither look through what they are given nor build of it
	}
}

// operands puts a check of both operands before an operator.
func (b *bounder) operands(q *gojq.Query, name string) {
	both := call(name, q.Left, q.Right, call(meterName))
	q.Left, q.Right, q.Op = both, &gojq.Query{Left: place("0"), Op: q.Op, Right: place("1")}, gojq.OpPipe
}

func (b *bounder) name(name string) {
	if strings.HasPrefix(strings.TrimPrefix(name, "$"), "_") && name != "$__loc__" {
		b.refuse("no function or variable has the name %s", name)
	}
	if slices.Contains(strangers, name) {
		b.refuse("%s is not known here", name)
	}
}

func (b *bounder) patterns(all []*gojq.Pattern) {
	for _, p := range all {
		b.name(p.Name)
		b.patterns(p.Array)
		for _, o := range p.Object {
			b.name(o.Key)
			b.text(o.KeyString)
			b.query(o.KeyQuery)
			if o.Val != nil {
				b.patterns([]*gojq.Pattern{o.Val})
			}
		}
	}
}

// term checks what a term is made of, and puts a check beside it if it looks
// through its input or builds something.
func (b *bounder) term(t *gojq.Term) {
	if t == nil {
		return
	}
	b.inner(t)
	b.index(t.Index)
	for _, s := range t.SuffixList {
		b.index(s.Index)
	}
	var with *gojq.Query
	bare := *t
	bare.SuffixList = nil
	switch t.Type {
	case gojq.TermTypeFunc:
		with = b.function(&bare)
	case gojq.TermTypeFormat:
		with = pipe(call(checkName, call(meterName)), &gojq.Query{Term: &bare})
	case gojq.TermTypeArray, gojq.TermTypeObject:
		with = checked(&gojq.Query{Term: &bare})
	default: // likewise
	}
	if with != nil {
		*t = gojq.Term{Type: gojq.TermTypeQuery, Query: with, SuffixList: t.SuffixList}
	}
}

// function is a call with the check that it needs; nil: none.
func (b *bounder) function(t *gojq.Term) *gojq.Query {
	name := t.Func.Name
	b.name(name)
	if slices.Contains(b.inside, name) { // the library looks through all calls under way for each variable
		b.refuse("%s calls itself: write it with recurse, until or walk", name)
	}
	self := &gojq.Query{Term: t}
	switch {
	case strings.HasPrefix(name, "$"), slices.Contains(plainFunctions, name):
		return nil
	case name == "join" && len(t.Func.Args) == 1:
		separator := t.Func.Args[0]
		t.Func.Args = []*gojq.Query{call(boundName)}
		return &gojq.Query{
			Left: grouped(separator), Op: gojq.OpPipe, Patterns: []*gojq.Pattern{{Name: boundName}},
			Right: pipe(call(joinName, call(boundName), call(meterName)), self),
		}
	case name == "add" && len(t.Func.Args) == 1: // add(f) is [f] | add
		list := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeArray, Array: &gojq.Array{Query: t.Func.Args[0]}}}
		return pipe(checked(list), call(name))
	}
	for i, arg := range t.Func.Args {
		t.Func.Args[i] = checked(arg)
	}
	if n := len(t.Func.Args); strings.HasSuffix(name, "sub") && slices.Contains(searches, name) && (n == 2 || n == 3) {
		q, err := replacement(name, t.Func.Args)
		if err != nil {
			b.refuse("%s: %v", name, err)
		}
		return q
	}
	if slices.Contains(searches, name) {
		return pipe(call(searchName, call(meterName)), self)
	}
	return pipe(call(checkName, call(meterName)), self)
}

// inner goes into the parts of a term.
func (b *bounder) inner(t *gojq.Term) {
	b.query(t.Query)
	b.text(t.Str)
	if t.Func != nil {
		for _, arg := range t.Func.Args {
			b.query(arg)
		}
	}
	if t.Object != nil {
		b.object(t.Object)
	}
	if t.Array != nil {
		b.query(t.Array.Query)
	}
	if t.Unary != nil {
		b.term(t.Unary.Term)
	}
	if t.Label != nil {
		b.query(t.Label.Body)
	}
	b.branches(t)
	b.loops(t)
}

func (b *bounder) branches(t *gojq.Term) {
	if i := t.If; i != nil {
		b.query(i.Cond)
		b.query(i.Then)
		for _, e := range i.Elif {
			b.query(e.Cond)
			b.query(e.Then)
		}
		b.query(i.Else)
	}
	if t.Try != nil {
		b.query(t.Try.Body)
		b.query(t.Try.Catch)
	}
}

func (b *bounder) loops(t *gojq.Term) {
	if r := t.Reduce; r != nil {
		b.query(r.Query)
		b.patterns(r.Patterns)
		b.query(r.Start)
		b.query(r.Update)
	}
	if f := t.Foreach; f != nil {
		b.query(f.Query)
		b.patterns(f.Patterns)
		b.query(f.Start)
		b.query(f.Update)
		b.query(f.Extract)
	}
}

func (b *bounder) object(o *gojq.Object) {
	for _, kv := range o.KeyVals {
		if strings.HasPrefix(kv.Key, "$") {
			b.name(kv.Key)
		}
		b.text(kv.KeyString)
		b.query(kv.KeyQuery)
		b.query(kv.Val)
	}
}

// text checks what is put into a text.
func (b *bounder) text(s *gojq.String) {
	if s == nil {
		return
	}
	for i, q := range s.Queries {
		if q.Term != nil && q.Term.Type == gojq.TermTypeString && len(q.Term.SuffixList) == 0 && len(q.FuncDefs) == 0 {
			b.text(q.Term.Str) // a part of the text itself
			continue
		}
		b.query(q)
		s.Queries[i] = grouped(checked(q)) // the library wants a term here
	}
}

func (b *bounder) index(x *gojq.Index) {
	if x == nil {
		return
	}
	b.text(x.Str)
	b.query(x.Start)
	b.query(x.End)
	for _, at := range []**gojq.Query{&x.Start, &x.End} {
		if *at != nil && !short(*at) {
			*at = pipe(*at, call(indexName, call(meterName)))
		}
	}
}

// short says that an index is a text, or a small number, as it stands there.
func short(q *gojq.Query) bool {
	t := q.Term
	if t == nil || len(t.SuffixList) > 0 || len(q.FuncDefs) > 0 {
		return false
	}
	return t.Type == gojq.TermTypeNumber && len(t.Number) < 5 && !strings.ContainsAny(t.Number, "eE") || t.Type == gojq.TermTypeString && t.Str != nil && len(t.Str.Queries) == 0
}

func checked(q *gojq.Query) *gojq.Query { return pipe(q, call(checkName, call(meterName))) }

func pipe(left, right *gojq.Query) *gojq.Query {
	return &gojq.Query{Left: grouped(left), Op: gojq.OpPipe, Right: right}
}

// grouped is an expression between brackets.
func grouped(q *gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: q}}
}

func call(name string, args ...*gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}}
}

func identity() *gojq.Query { return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity}} }

// place is one of the places of a list.
func place(number string) *gojq.Query {
	at := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeNumber, Number: number}}
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIndex, Index: &gojq.Index{Start: at}}}
}
