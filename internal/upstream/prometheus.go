package upstream

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Prometheus is the API of a Prometheus, or of what speaks as one. It finds an alert's
// rule by the alert's name, or by the expression that the alert's address shows, and
// evaluates its expression now. What is evaluated is a rule of the Prometheus' own, so
// whoever sends alerts can have it evaluate nothing else. What an alert's labels say is
// compared with what comes back; none of it is written into a query.
type Prometheus struct {
	*Client
	now func() time.Time
}

// NewPrometheus makes one. Its Token is a bearer's.
func NewPrometheus(o Options, now func() time.Time) *Prometheus {
	p := &Prometheus{Client: NewClient(o), now: now}
	if o.Token != "" {
		p.authorization = "Bearer " + o.Token
	}
	return p
}

const (
	// back is how far back it is looked for when a rule last held, in so many steps.
	back, steps = time.Hour, 240
	mostRules   = 4 // of one name that are asked
	// evaluates is how long the Prometheus evaluates one query at most.
	evaluates = 10 * time.Second
)

// Name is prometheus.
func (*Prometheus) Name() string { return "prometheus" }

// rule is an alerting rule. Its labels overwrite those of what it finds.
type rule struct {
	Name   string            `json:"name"`
	Query  string            `json:"query"`
	Type   string            `json:"type"`
	Labels map[string]string `json:"labels"`
	Alerts []struct {
		Labels   map[string]string `json:"labels"`
		ActiveAt time.Time         `json:"activeAt"`
	} `json:"alerts"`

	guessed bool // it was found by its expression: its labels may have been rewritten on the way
}

// Ask evaluates the expression of the alert's rule (recheck.Tool).
func (p *Prometheus) Ask(ctx context.Context, a *ticket.Alert) (f ticket.Finding) {
	f = ticket.Finding{State: ticket.FoundUnclear, At: p.now()}
	rules, err := p.rules(ctx, a)
	if err != nil {
		return unanswered(err)
	}
	if len(rules) == 0 {
		f.Reason = ticket.ReasonToolUnknown
		return f
	}
	doubt, others, ended := len(rules) > mostRules, false, time.Time{}
	for i := range rules[:min(len(rules), mostRules)] {
		value, state, err := p.holds(ctx, &rules[i], a)
		if err != nil {
			return unanswered(err)
		}
		if state == holds {
			f.State, f.Since, f.Text = ticket.FoundDown, rules[i].since(a), "= "+value
			return f
		}
		last := p.last(ctx, &rules[i], a)
		if last.After(ended) {
			ended = last
		}
		others = others || state == unsure
		doubt = doubt || state == unsure && rules[i].guessed
	}
	// What never held may be another Prometheus' alert, or one whose labels were rewritten.
	if doubt || ended.IsZero() && (others || a.Status == ticket.Firing) {
		f.Reason = ticket.ReasonToolUnknown
		return f
	}
	f.State, f.Since = ticket.FoundBack, ended
	return f
}

// rules are those that the alert may come of: those of its name, or, where its name was
// rewritten on the way, those that have the expression which its address shows.
func (p *Prometheus) rules(ctx context.Context, a *ticket.Alert) ([]rule, error) {
	if name := a.Labels[model.AlertNameLabel]; name != "" {
		named := func(r *rule) bool { return r.Name == name && r.mayBe(a) }
		if list, err := p.alerting(ctx, url.Values{"rule_name[]": {name}}, named); err != nil || len(list) > 0 {
			return list, err
		}
	}
	query := expression(a.GeneratorURL)
	if query == "" {
		return nil, nil
	}
	list, err := p.alerting(ctx, url.Values{"exclude_alerts": {"true"}}, func(r *rule) bool { return r.Query == query })
	for i := range list {
		list[i].guessed = true
	}
	return list, err
}

// alerting are the alerting rules that are wanted: one more than are asked, at most.
func (p *Prometheus) alerting(ctx context.Context, ask url.Values, wanted func(r *rule) bool) (list []rule, err error) {
	var answer struct {
		Groups []struct {
			Rules []rule `json:"rules"`
		} `json:"groups"`
	}
	ask.Set("type", "alert")
	if err := p.get(ctx, "/api/v1/rules", ask, &answer); err != nil {
		return nil, err
	}
	for i := range answer.Groups {
		for j := range answer.Groups[i].Rules {
			if r := &answer.Groups[i].Rules[j]; r.Type == "alerting" && wanted(r) && len(list) <= mostRules {
				list = append(list, *r)
			}
		}
	}
	return list, nil
}

// expression is what the address of an alert's graph shows.
func expression(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get("g0.expr")
}

// mayBe says whether the rule's own labels are the alert's.
func (r *rule) mayBe(a *ticket.Alert) bool {
	for name, value := range r.Labels {
		if has, ok := a.Labels[name]; ok && !strings.Contains(value, "{{") && has != value {
			return false
		}
	}
	return true
}

// same says whether labels of a series, or of an alert of the rule, are the alert's. A
// label that the alert has not was left out on the way.
func (r *rule) same(labels map[string]string, a *ticket.Alert) bool {
	for name, value := range labels {
		if _, own := r.Labels[name]; own || name == model.MetricNameLabel || name == model.AlertNameLabel {
			continue
		}
		if has, ok := a.Labels[name]; ok && has != value {
			return false
		}
	}
	return true
}

// since is since when the rule holds for the alert.
func (r *rule) since(a *ticket.Alert) (first time.Time) {
	for i := range r.Alerts {
		if at := r.Alerts[i].ActiveAt; r.same(r.Alerts[i].Labels, a) && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// verdict is what an expression says of an alert.
type verdict int

const (
	over   verdict = iota
	holds          // it is still so
	unsure         // it is so of something, and whether of the alert cannot be told
)

// series is what a query finds.
type series struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
	Values [][2]any          `json:"values"`
}

type queried struct {
	Type   string          `json:"resultType"`
	Result json.RawMessage `json:"result"`
}

func (f *queried) series() (list []series, err error) {
	if f.Type == "scalar" || f.Type == "string" {
		return []series{{}}, nil
	}
	if err := json.Unmarshal(f.Result, &list); err != nil {
		return nil, errNoPrometheus
	}
	return list, nil
}

// holds evaluates a rule's expression now.
func (p *Prometheus) holds(ctx context.Context, r *rule, a *ticket.Alert) (value string, state verdict, err error) {
	var answer queried
	if err := p.get(ctx, "/api/v1/query", url.Values{"query": {r.Query}, "timeout": {evaluates.String()}}, &answer); err != nil {
		return "", unsure, err
	}
	list, err := answer.series()
	if err != nil {
		return "", unsure, err
	}
	for i := range list {
		if r.same(list[i].Metric, a) {
			return number(list[i].Value[1]), holds, nil
		}
	}
	if len(list) > 0 {
		return "", unsure, nil
	}
	return "", over, nil
}

// number writes a sample's value with as many digits as one reads.
func number(sample any) string {
	text, _ := sample.(string)
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}

// last is since when the expression holds no longer; zero if that cannot be seen.
func (p *Prometheus) last(ctx context.Context, r *rule, a *ticket.Alert) time.Time {
	now, step := p.now(), back/steps
	var answer queried
	err := p.get(ctx, "/api/v1/query_range", url.Values{
		"query": {r.Query}, "timeout": {evaluates.String()}, "step": {strconv.Itoa(int(step.Seconds()))}, "start": {seconds(now.Add(-back))}, "end": {seconds(now)},
	}, &answer)
	if err != nil || answer.Type != "matrix" {
		return time.Time{}
	}
	list, err := answer.series()
	if err != nil {
		return time.Time{}
	}
	last := 0.0
	for i := range list {
		if !r.same(list[i].Metric, a) {
			continue
		}
		for _, sample := range list[i].Values {
			if at, ok := sample[0].(float64); ok {
				last = max(last, at)
			}
		}
	}
	if last == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(last * 1000)).UTC().Add(step)
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// errNoPrometheus is what is said of an answer that is none of Prometheus.
var errNoPrometheus = &Error{Said: "what it answers is not what Prometheus answers: is the address right?"}

// get asks a question.
func (p *Prometheus) get(ctx context.Context, path string, query url.Values, into any) error {
	a, err := p.do(ctx, request{method: http.MethodGet, path: path, query: query})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var said struct {
		Status string          `json:"status"`
		Data   json.RawMessage `json:"data"`
		Error  string          `json:"error"`
	}
	switch {
	case json.Unmarshal(a.body, &said) != nil || said.Status == "":
		if a.status/100 == 2 {
			return errNoPrometheus
		}
		return a.refused("")
	case said.Status != "success":
		return a.refused(said.Error)
	}
	if err := json.Unmarshal(said.Data, into); err != nil {
		return errNoPrometheus
	}
	return nil
}
