package config

import (
	"maps"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/paging/gateway"
)

// gateway reads the description of a provider with an HTTP API. answers says
// whether the provider's replies are wanted.
func (v value) gateway(answers bool) Gateway {
	t := v.table()
	name := t.get("name")
	g := Gateway{Name: name.textOr(DefaultGateway), From: t.get("from").sender()}
	if !gatewayName.MatchString(g.Name) || g.Name == providerTwilio {
		name.errorf("a name of letters, digits, - and _ wanted, not %q: it is part of its webhooks' paths", g.Name)
	}
	g.Rate = t.get("rate").rate(paceOf(g.From))
	g.Secrets = t.get("secrets").secrets()
	g.Spec = gateway.Spec{
		Request:  t.need("request", "what sends a message").gatewayRequest(),
		Accepted: t.get("accepted").accepted(),
		ID:       t.get("id").textOr(""),
		Error:    t.get("error").gatewayError(),
		Refused:  t.get("refused").refused(),
		NoLinks:  !t.get("links").flag(true),
		Unicode:  t.get("unicode").flag(false),
		Receipts: t.get("receipts").receipts(),
		Replies:  t.get("replies").gatewayReplies(),
	}
	t.refuse("it stands beside http, under sms", "fallback", "bundle_over")
	t.done()
	v.checkGateway(&g, answers)
	return g
}

var (
	gatewayName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)
	secretName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// secrets reads NAME or NAME_file each.
func (v value) secrets() map[string]Secret {
	t := v.table()
	found := map[string]Secret{}
	if t.n == nil {
		return found
	}
	for _, f := range t.n.fields {
		name := strings.TrimSuffix(f.key, "_file")
		if !secretName.MatchString(name) {
			t.child(f.key).errorf("a secret's name has small letters, digits and _: templates write it .Secret.name")
			continue
		}
		if _, twice := found[name]; !twice {
			found[name] = t.secret(name)
		}
	}
	return found
}

func (v value) gatewayRequest() gateway.Request {
	t := v.table()
	address := t.need("url", "the gateway's address")
	req := gateway.Request{
		Method:      t.get("method").oneOfOr(http.MethodPost, "method", http.MethodGet, http.MethodPost),
		URL:         address.textOr(""),
		Body:        t.get("body").textOr(""),
		ContentType: t.get("content_type").textOr(""),
		Headers:     map[string]string{},
	}
	address.warnPlain(req.URL)
	headers := t.get("headers").table()
	if headers.n != nil {
		for _, f := range headers.n.fields {
			req.Headers[f.key] = headers.child(f.key).textOr("")
		}
	}
	t.done()
	return req
}

func (v value) accepted() gateway.Accepted {
	t := v.table()
	a := gateway.Accepted{
		Status: t.get("status").statuses(),
		When:   t.get("when").textOr(""),
		Sample: t.get("sample").textOr(""),
	}
	t.done()
	return a
}

// statuses reads a list of HTTP statuses, or one.
func (v value) statuses() []int {
	if v.n != nil && v.n.kind == scalar {
		return v.status(nil)
	}
	var list []int
	for _, item := range v.list() {
		list = item.status(list)
	}
	return list
}

func (v value) status(list []int) []int {
	v.note(noteType, "HTTP status")
	n := v.integer(0, 100)
	switch {
	case n > 599:
		v.errorf("%d is no HTTP status", n)
	case n > 0:
		list = append(list, n)
	}
	return list
}

func (v value) gatewayError() gateway.Error {
	t := v.table()
	e := gateway.Error{Code: t.get("code").textOr(""), Text: t.get("text").textOr("")}
	t.done()
	return e
}

func (v value) refused() []gateway.Refusal {
	var list []gateway.Refusal
	for _, item := range v.list() {
		t := item.table()
		list = append(list, gateway.Refusal{
			Status: t.get("status").statuses(),
			When:   t.get("when").textOr(""),
			Class:  t.need("class", "what it means").textOr(""),
		})
		t.done()
	}
	return list
}

// webhook reads the part that receipts and replies have in common.
func (t *table) webhook() gateway.Webhook {
	w := gateway.Webhook{
		Auth:   t.get("auth").auth(),
		Method: t.get("method").oneOfOr(http.MethodPost, "method", http.MethodGet, http.MethodPost),
		Each:   t.get("each").textOr(""),
		Sample: t.get("sample").textOr(""),
	}
	otherwise := "json"
	if w.Method == http.MethodGet {
		otherwise = "query"
	}
	w.Format = t.get("format").oneOfOr(otherwise, "format", "query", "form", "json")
	a := t.get("answer").table()
	w.Answer = gateway.Answer{
		ContentType: a.get("content_type").textOr(""),
		Body:        a.get("body").textOr(""),
	}
	if s := a.get("status").status(nil); len(s) > 0 {
		w.Answer.Status = s[0]
	}
	a.done()
	return w
}

// oneOfOr reads one of a few words. If none is given, it is otherwise.
func (v value) oneOfOr(otherwise, what string, words ...string) string {
	v.note(noteDefault, otherwise)
	if text := v.oneOf(what, words...); text != "" && slices.Contains(words, text) {
		return text
	}
	return otherwise
}

func (v value) auth() gateway.Auth {
	t := v.table()
	a := gateway.Auth{
		Token: t.get("token").textOr(""), Query: t.get("query").textOr(""), Header: t.get("header").textOr(""),
		Basic: t.get("basic").textOr(""), HMAC: t.get("hmac").textOr(""),
		Algorithm: t.get("algorithm").textOr(""), Encoding: t.get("encoding").textOr(""), Prefix: t.get("prefix").textOr(""),
	}
	a.Networks = t.get("networks").networks()
	t.done()
	return a
}

func (v value) networks() []netip.Prefix {
	var list []netip.Prefix
	for _, item := range v.list() {
		if p, ok := item.network(); ok {
			list = append(list, p)
		}
	}
	return list
}

func (v value) receipts() *gateway.Receipts {
	if !v.given() {
		return nil
	}
	t := v.table()
	r := &gateway.Receipts{
		Webhook: t.webhook(),
		ID:      t.get("id").textOr(""),
		Ref:     t.get("ref").textOr(""),
		State:   t.need("state", "an expression that gives delivered, undelivered, failed or sent").textOr(""),
		Class:   t.get("class").textOr(""),
		Error:   t.get("error").textOr(""),
	}
	t.done()
	return r
}

func (v value) gatewayReplies() *gateway.Replies {
	if !v.given() {
		return nil
	}
	t := v.table()
	r := &gateway.Replies{
		Webhook: t.webhook(),
		ID:      t.get("id").textOr(""),
		From:    t.need("from", "an expression that gives the phone's number").textOr(""),
		To:      t.get("to").textOr(""),
		Text:    t.need("text", "an expression that gives the text").textOr(""),
		Reply:   t.get("reply").oneOfOr(gateway.ReplyBySMS, "way to reply", gateway.ReplyBySMS, gateway.ReplyByAnswer, gateway.ReplyNone),
	}
	t.done()
	return r
}

// checkGateway tries the templates and expressions, and warns of what looks
// doubtful.
func (v value) checkGateway(g *Gateway, answers bool) {
	if v.n == nil || v.n.kind != mapping {
		return
	}
	for _, fault := range g.Spec.Check(slices.Collect(maps.Keys(g.Secrets))) {
		if len(v.r.errors) > 0 && v.at(fault.Path).reported() {
			continue
		}
		v.at(fault.Path).errorf("%v", fault.Err)
	}
	if g.Spec.NoLinks && !answers {
		v.child("links").errorf("without links and without replies nobody can acknowledge: replies: same, or links: true")
	}
	if g.Spec.Receipts == nil {
		v.warnf("no receipts: a text that never arrives is not noticed, and nobody else is tried before the policy says so")
	}
	if g.Spec.Replies != nil && !answers {
		v.child("replies").warnf("sms.replies is none: pages will not say how to answer")
	}
}

// at is the value at a path. If that is not given, it is the nearest value
// above it.
func (v value) at(path []string) value {
	for _, key := range path {
		next := v.child(key)
		if i, err := strconv.Atoi(key); err == nil && v.n != nil && v.n.kind == list {
			items := v.list()
			if i >= len(items) {
				return v
			}
			next = items[i]
		}
		if !next.given() {
			next.path = join(v.path, key)
			return next
		}
		v = next
	}
	return v
}

// reported says whether an error was reported here already.
func (v value) reported() bool {
	return slices.ContainsFunc(v.r.errors, func(p Problem) bool { return p.Path == v.path })
}
