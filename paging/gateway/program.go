package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"text/template"

	"golang.org/x/net/http/httpguts"

	"github.com/astreinte/astreinte/paging"
)

// Fault is something that is wrong with a Spec.
type Fault struct {
	Path []string // keys, as in the configuration: receipts, state; items by number
	Err  error    // without a secret
}

// program is a Spec that is ready to run.
type program struct {
	spec     Spec
	url      *template.Template
	body     *template.Template
	headers  map[string]*template.Template
	when     *expr
	id       *expr
	code     *expr
	text     *expr
	refused  []refusal
	receipts *receiptProgram
	replies  *replyProgram
}

type refusal struct {
	status []int
	when   *expr
	class  paging.Class
}

type receiptProgram struct{ each, id, ref, state, class, err *expr }

type replyProgram struct {
	each, id, from, to, text *expr
	answer                   *template.Template
}

// builder collects faults.
type builder struct{ faults []Fault }

func (b *builder) fault(err error, path ...string) {
	if err != nil {
		b.faults = append(b.faults, Fault{Path: path, Err: err})
	}
}

func (b *builder) template(text string, path ...string) *template.Template {
	t, err := parseTemplate(text)
	b.fault(err, path...)
	return t
}

func (b *builder) expr(text string, path ...string) *expr {
	e, err := compile(text)
	b.fault(err, path...)
	return e
}

// build makes a program. It is whole only if there is no fault.
func build(s Spec) (*program, []Fault) {
	b := &builder{}
	p := &program{
		spec: s,
		url:  b.template(s.Request.URL, "request", "url"), body: b.template(s.Request.Body, "request", "body"),
		headers: map[string]*template.Template{},
		when:    b.expr(s.Accepted.When, "accepted", "when"), id: b.expr(s.ID, "id"),
		code: b.expr(s.Error.Code, "error", "code"), text: b.expr(s.Error.Text, "error", "text"),
	}
	for name, text := range s.Request.Headers {
		if !httpguts.ValidHeaderFieldName(name) {
			b.fault(errors.New("not the name of a header"), "request", "headers", name)
		}
		p.headers[http.CanonicalHeaderKey(name)] = b.template(text, "request", "headers", name)
	}
	for i, r := range s.Refused {
		at := strconv.Itoa(i)
		class, err := refusalClass(r.Class)
		b.fault(err, "refused", at, "class")
		if len(r.Status) == 0 && r.When == "" {
			b.fault(errors.New("status or when wanted: which answers it is about"), "refused", at)
		}
		p.refused = append(p.refused, refusal{r.Status, b.expr(r.When, "refused", at, "when"), class})
	}
	b.receipts(p)
	b.replies(p)
	return p, b.faults
}

func (b *builder) receipts(p *program) {
	r := p.spec.Receipts
	if r == nil {
		return
	}
	p.receipts = &receiptProgram{
		each: b.expr(r.Each, "receipts", "each"), id: b.expr(r.ID, "receipts", "id"), ref: b.expr(r.Ref, "receipts", "ref"),
		state: b.expr(r.State, "receipts", "state"), class: b.expr(r.Class, "receipts", "class"), err: b.expr(r.Error, "receipts", "error"),
	}
	if p.receipts.id != nil && p.id == nil {
		b.fault(errors.New("receipts name a message by its id, and nothing says where an answer gives it: id wanted"), "receipts", "id")
	}
	b.auth(r.Auth, "receipts")
}

func (b *builder) replies(p *program) {
	r := p.spec.Replies
	if r == nil {
		return
	}
	p.replies = &replyProgram{
		each: b.expr(r.Each, "replies", "each"), id: b.expr(r.ID, "replies", "id"), from: b.expr(r.From, "replies", "from"),
		to: b.expr(r.To, "replies", "to"), text: b.expr(r.Text, "replies", "text"),
	}
	if r.Reply == ReplyByAnswer {
		p.replies.answer = b.template(r.Answer.Body, "replies", "answer", "body")
		if r.Each != "" {
			b.fault(errors.New("an answer replies to one text: reply: sms, where a request may hold several"), "replies", "reply")
		}
		if r.Answer.Body == "" {
			b.fault(errors.New("the answer that carries the reply wanted, such as {{.Reply}}"), "replies", "answer", "body")
		}
	}
	b.auth(r.Auth, "replies")
}

// classes are the classes that a configuration may name.
var classes = []paging.Class{paging.DeadAddress, paging.DeadAccount, paging.Filtered, paging.Transient, paging.OutcomeUnknown}

func refusalClass(name string) (paging.Class, error) {
	i := slices.IndexFunc(classes, func(c paging.Class) bool { return c.String() == name })
	if i < 0 {
		return paging.Transient, fmt.Errorf("no class %q: dead_address, dead_account, filtered, transient or unknown", name)
	}
	return classes[i], nil
}
