package back

import (
	"context"
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// Icinga acknowledges in an Icinga 2. Its comments say what is ours there, so nothing of
// it is held here.
type Icinga struct{ API *upstream.Icinga }

var _ Tool = Icinga{}

// objectOf is the host or service of an alert, by the labels that the types nagios,
// icinga and checkmk give it; false if it names none. A label that the source's
// configuration adds is none of the tool's.
func objectOf(a *ticket.AlertRecord) (o upstream.Object, ok bool) {
	o = upstream.Object{Host: a.Sent("instance"), Service: a.Sent("service")}
	return o, o.Host != ""
}

// objectsOf are those of several alerts, each once.
func objectsOf(alerts []ticket.AlertRecord) (list []upstream.Object) {
	for i := range alerts {
		if o, ok := objectOf(&alerts[i]); ok && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list
}

// errNoObject is that of a ticket whose alerts name no host.
var errNoObject = &upstream.Error{Said: "none of its alerts names a host by the label instance", Never: true}

// Take acknowledges what is not acknowledged yet (Tool).
func (t Icinga) Take(ctx context.Context, a *Act, alerts []ticket.AlertRecord, _ []Held) ([]Held, error) {
	objects := objectsOf(alerts)
	if len(objects) == 0 {
		if len(alerts) == 0 {
			return nil, nil // all of it is over by now
		}
		return nil, errNoObject
	}
	ours, _, err := t.ours(ctx, a)
	if err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(objects, func(o upstream.Object) bool { return slices.Contains(ours, o) })
	if len(objects) == 0 {
		return nil, nil
	}
	found, err := t.API.Acknowledge(ctx, objects, a.By, a.Text)
	if err == nil && found == 0 {
		err = &upstream.Error{Said: "Icinga has none of its hosts and services, or its ApiUser may not acknowledge them", Never: true}
	}
	return nil, err
}

// Leave takes back the acknowledgements that are ours, and comments (Tool). What
// recovered has none any more.
func (t Icinga) Leave(ctx context.Context, a *Act, alerts []ticket.AlertRecord, _ []Held) ([]Held, error) {
	if a.What == Recovered {
		return nil, nil
	}
	ours, said, err := t.ours(ctx, a)
	if err != nil {
		return nil, err
	}
	if len(ours) > 0 {
		if err := t.API.Unacknowledge(ctx, ours, a.By); err != nil {
			return nil, err
		}
	}
	about := ours
	for _, o := range objectsOf(alerts) {
		if !slices.Contains(about, o) {
			about = append(about, o)
		}
	}
	about = slices.DeleteFunc(about, func(o upstream.Object) bool { return slices.Contains(said, o) })
	if len(about) == 0 {
		return nil, nil
	}
	return nil, t.API.Comment(ctx, about, a.By, a.Text)
}

// ours are the objects that were acknowledged for the ticket, and those that have the
// act's text as a comment already.
func (t Icinga) ours(ctx context.Context, a *Act) (acknowledged, said []upstream.Object, err error) {
	list, err := t.API.Comments(ctx, ticket.AnyMark(a.Ticket))
	for i := range list {
		switch c := &list[i]; {
		case !a.Mark.Signs(c.Text, a.Ticket): // of another installation's ticket
		case c.Acknowledges:
			acknowledged = append(acknowledged, c.Object)
		case c.Text == a.Text:
			said = append(said, c.Object)
		}
	}
	return acknowledged, said, err
}
