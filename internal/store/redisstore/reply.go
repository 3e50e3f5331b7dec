package redisstore

import (
	"fmt"
	"strconv"
	"time"
)

// reply reads what a script returned, part by part. err keeps the first thing
// that is not as expected; everything after it reads as zero.
type reply struct {
	parts []any
	at    int
	err   error
}

// newReply is the reply of a script that returns a list.
func newReply(v any) *reply {
	r := &reply{}
	if v == nil {
		return r
	}
	parts, ok := v.([]any)
	if !ok {
		r.err = fmt.Errorf("a script returned %T, not a list", v)
	}
	r.parts = parts
	return r
}

func (r *reply) more() bool { return r.err == nil && r.at < len(r.parts) }

func (r *reply) next() any {
	if !r.more() {
		if r.err == nil {
			r.err = fmt.Errorf("a script returned %d parts, more wanted", len(r.parts))
		}
		return nil
	}
	r.at++
	return r.parts[r.at-1]
}

func (r *reply) text() string {
	switch v := r.next().(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	default:
		r.fail(fmt.Errorf("a script returned %T, not a text", v))
		return ""
	}
}

func (r *reply) number() int64 {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	r.fail(err)
	return n
}

func (r *reply) score() float64 {
	n, err := strconv.ParseFloat(r.text(), 64)
	r.fail(err)
	return n
}

func (r *reply) time() time.Time {
	t, err := unstamp(r.text())
	r.fail(err)
	return t
}

// list reads a list within the list; read gets it whole.
func (r *reply) list(read func(inner *reply)) {
	inner := newReply(r.next())
	read(inner)
	r.fail(inner.err)
}

// each reads a list of lists.
func (r *reply) each(read func(item *reply)) {
	r.list(func(inner *reply) {
		for inner.more() {
			inner.list(read)
		}
	})
}

// texts reads a list of texts.
func (r *reply) texts() []string {
	var texts []string
	r.list(func(inner *reply) {
		for inner.more() {
			texts = append(texts, inner.text())
		}
	})
	return texts
}

// fields reads the fields of a hash; nil if there are none.
func (r *reply) fields() map[string]string {
	var fields map[string]string
	r.list(func(inner *reply) {
		for inner.more() {
			if fields == nil {
				fields = make(map[string]string, len(inner.parts)/2)
			}
			name := inner.text()
			fields[name] = inner.text()
		}
	})
	return fields
}

func (r *reply) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
