package upstream

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Icinga is the API of an Icinga 2 (its ApiListener, port 5665). User and Password are
// those of an ApiUser.
type Icinga struct{ *Client }

// NewIcinga makes one.
func NewIcinga(o Options) *Icinga { return &Icinga{NewClient(o)} }

// Object is a host, or a service of it, by the names that Icinga and Checkmk have for them.
type Object struct {
	Host    string
	Service string // empty: the host itself
}

// kind is what Icinga calls such an object.
func (o Object) kind() string {
	if o.Service == "" {
		return "Host"
	}
	return "Service"
}

// name is the object's name in Icinga, __name.
func (o Object) name() string {
	if o.Service == "" {
		return o.Host
	}
	return o.Host + "!" + o.Service
}

// IcingaResult is what an action did to one object. Code is as in HTTP: 200 is done, 409
// does not fit its state.
type IcingaResult struct {
	Code   float64 `json:"code"`
	Status string  `json:"status"`
}

// Act has Icinga do an action ("acknowledge-problem") to objects, with the action's
// parameters. Objects that Icinga does not know, or that the ApiUser may not touch, have
// no result. One request for hosts, another one for services.
func (i *Icinga) Act(ctx context.Context, action string, objects []Object, parameters map[string]any) (results []IcingaResult, err error) {
	for kind, names := range namesByKind(objects) {
		body := selection(kind, names)
		for name, value := range parameters {
			body[name] = value
		}
		some, err := i.act(ctx, action, body)
		if err != nil {
			return results, fmt.Errorf("%s: %w", action, err)
		}
		results = append(results, some...)
	}
	return results, nil
}

// act makes the request of an action. Its status is that of one of the results, and 404
// or 500 where there are none.
func (i *Icinga) act(ctx context.Context, action string, body map[string]any) ([]IcingaResult, error) {
	a, err := i.do(ctx, request{method: http.MethodPost, path: "/v1/actions/" + action, body: body})
	if err != nil {
		return nil, err
	}
	var did struct {
		Results *[]IcingaResult `json:"results"`
		Status  string          `json:"status"`
	}
	broken := json.Unmarshal(a.body, &did) != nil
	switch {
	case !broken && did.Results != nil && (a.status < 500 || len(*did.Results) == 0):
		return *did.Results, nil
	case !broken && a.status == http.StatusNotFound && did.Status == noneFound:
		return nil, nil
	}
	return nil, a.refused(did.Status)
}

// noneFound is what Icinga says where no object fits, or none that one may see.
const noneFound = "No objects found."

// Objects reads attributes of hosts and services. Each object that Icinga knows comes to
// out, by the name that Icinga has for it.
func (i *Icinga) Objects(ctx context.Context, objects []Object, attributes []string, out func(name string, attributes json.RawMessage) error) error {
	for kind, names := range namesByKind(objects) {
		body := selection(kind, names)
		body["attrs"] = attributes
		if err := i.query(ctx, strings.ToLower(kind)+"s", body, out); err != nil {
			return err
		}
	}
	return nil
}

// query reads objects of a kind, each by its name.
func (i *Icinga) query(ctx context.Context, kinds string, body map[string]any, out func(name string, attributes json.RawMessage) error) error {
	delete(body, "type")
	a, err := i.do(ctx, request{
		method: http.MethodPost, path: "/v1/objects/" + kinds, body: body,
		header: http.Header{"X-Http-Method-Override": {http.MethodGet}},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", kinds, err)
	}
	var found struct {
		Status  string `json:"status"`
		Results []struct {
			Name  string          `json:"name"`
			Attrs json.RawMessage `json:"attrs"`
		} `json:"results"`
	}
	if a.status == http.StatusNotFound && json.Unmarshal(a.body, &found) == nil && found.Status == noneFound {
		return nil
	}
	if err := a.ok(&found); err != nil {
		return fmt.Errorf("%s: %w", kinds, err)
	}
	for _, r := range found.Results {
		if err := out(r.Name, r.Attrs); err != nil {
			return err
		}
	}
	return nil
}

// IcingaComment is a comment on an object.
type IcingaComment struct {
	Object
	Text         string
	Acknowledges bool // it is that of an acknowledgement, which is still there
}

// Comments lists the comments that begin with some words, which have no * and no ?,
// wherever they are.
func (i *Icinga) Comments(ctx context.Context, begin string) (list []IcingaComment, err error) {
	body := map[string]any{
		"filter": "match(begin, comment.text)", "filter_vars": map[string]any{"begin": begin + "*"},
		"attrs": []string{"host_name", "service_name", "text", "entry_type"},
	}
	err = i.query(ctx, "comments", body, func(_ string, attributes json.RawMessage) error {
		var c struct {
			Host    string  `json:"host_name"`
			Service string  `json:"service_name"`
			Text    string  `json:"text"`
			Type    float64 `json:"entry_type"`
		}
		if err := json.Unmarshal(attributes, &c); err != nil {
			return &Error{Said: "what it answers is not what Icinga answers: is the address right?"}
		}
		list = append(list, IcingaComment{Object{c.Host, c.Service}, c.Text, c.Type == icingaAcknowledgement})
		return nil
	})
	return list, err
}

// icingaAcknowledgement is the entry_type of an acknowledgement's comment.
const icingaAcknowledgement = 4

// Acknowledge acknowledges problems until their state changes, and notifies nobody. It
// says how many of the objects there are; one that is well, or acknowledged already,
// stays as it is.
func (i *Icinga) Acknowledge(ctx context.Context, objects []Object, author, text string) (found int, err error) {
	results, err := i.Act(ctx, "acknowledge-problem", objects, map[string]any{
		"author": author, "comment": text, "sticky": false, "notify": false, "persistent": false,
	})
	return len(results), err
}

// Unacknowledge takes acknowledgements back. One that is not there is no error.
func (i *Icinga) Unacknowledge(ctx context.Context, objects []Object, author string) error {
	_, err := i.Act(ctx, "remove-acknowledgement", objects, map[string]any{"author": author})
	return err
}

// Comment writes a comment on each object.
func (i *Icinga) Comment(ctx context.Context, objects []Object, author, text string) error {
	_, err := i.Act(ctx, "add-comment", objects, map[string]any{"author": author, "comment": text})
	return err
}

// namesByKind sorts names under "Host" and "Service".
func namesByKind(objects []Object) map[string][]string {
	names := map[string][]string{}
	for _, o := range objects {
		names[o.kind()] = append(names[o.kind()], o.name())
	}
	return names
}

// selection selects objects by name. By a filter: one that is gone hides none of the
// others, as it would in a list of names.
func selection(kind string, names []string) map[string]any {
	return map[string]any{
		"type": kind, "filter": strings.ToLower(kind) + ".__name in names", "filter_vars": map[string]any{"names": names},
	}
}
