package gateway

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// reading is an answer as expressions see it: its JSON, or otherwise its text.
func reading(status int, body []byte) input {
	v, err := parseJSON(body)
	if err != nil {
		v = strings.ToValidUTF8(string(body), "�")
	}
	return input{value: v, status: status}
}

// judge sorts an answer.
func (s *Sender) judge(status int, header http.Header, body []byte, o *order) paging.Result {
	p, in := s.program, reading(status, body)
	if p.accepts(in) {
		r := paging.Result{Class: paging.Accepted}
		if id, err := p.id.text(in); err == nil && id != "" {
			r.ProviderID = s.name + "/" + paging.BoundID(id)
		}
		return r
	}
	r := paging.Result{Class: p.class(in), Code: s.reasonCode(in), Detail: s.secrets.quote(p.reason(in, body), o.hide...), TooFast: status == http.StatusTooManyRequests}
	if r.Class == paging.Transient {
		r.RetryAfter = paging.RetryAfter(header, time.Now())
	}
	return r
}

func (p *program) accepts(in input) bool {
	if len(p.spec.Accepted.Status) > 0 {
		if !slices.Contains(p.spec.Accepted.Status, in.status) {
			return false
		}
	} else if in.status < 200 || in.status > 299 {
		return false
	}
	return p.when == nil || p.when.holds(in)
}

// class is the class of the first refusal that fits. If none does, the status
// decides.
func (p *program) class(in input) paging.Class {
	for _, r := range p.refused {
		if (len(r.status) == 0 || slices.Contains(r.status, in.status)) && (r.when == nil || r.when.holds(in)) {
			return r.class
		}
	}
	return byStatus(in.status)
}

// byStatus is the class of an answer that the configuration does not describe.
// A success that is not accepted may have been taken. 408, 425, 429 and 5xx
// are Transient. Any other refusal concerns us rather than one number: so the
// administrator hears of it, and another provider is asked.
func byStatus(status int) paging.Class {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return paging.Transient
	case status >= 300:
		return paging.DeadAccount
	}
	return paging.OutcomeUnknown
}

// codeForm matches a gateway's code that a metric's label may have.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}$`)

func (s *Sender) reasonCode(in input) string {
	code, err := s.program.code.text(in)
	if err == nil && codeForm.MatchString(code) && !s.secrets.in(code) {
		return code
	}
	return paging.HTTPCode(in.status)
}

func (p *program) reason(in input, body []byte) string {
	if text, err := p.text.text(in); err == nil && text != "" {
		return text
	}
	return string(body)
}
