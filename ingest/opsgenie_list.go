package ingest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// usualPage and mostPage are how many alerts a page of a list has.
	usualPage, mostPage = 20, ticket.MaxGeniePage
	// mostListed is how many alerts a list or a count looks at.
	mostListed = ticket.MaxGenieListed
	// mostLists is how many lists are made at once, and listTime how long one may take.
	mostLists, listTime = ticket.MaxGenieLists, 30 * time.Second
)

// lists are the turns of those who ask for many alerts at once.
type lists chan struct{}

// turn waits for one. done gives it back.
func (l lists) turn(ctx context.Context) (done func(), err error) {
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, &notTaken{fmt.Errorf("too many lists at once: %w", ctx.Err())}
	}
}

// listAsked is what of a list is asked for.
type listAsked struct {
	query         genieQuery
	offset, limit int
	by, order     string
}

// asks reads what of a list is asked for.
func (c *call) asks() (a listAsked, err error) {
	v := c.r.URL.Query()
	if v.Has("searchIdentifier") {
		return a, &misuse{status: http.StatusUnprocessableEntity, faults: []fault{{"searchIdentifier", "There are no saved searches here: say the query itself."}}}
	}
	if a.query, err = readGenieQuery(v.Get("query")); err != nil {
		return a, err
	}
	a.by, a.order = cmp.Or(v.Get("sort"), "createdAt"), cmp.Or(v.Get("order"), "desc")
	var faults []fault
	for _, number := range []struct {
		name              string
		into              *int
		usual, least, top int
	}{{"offset", &a.offset, 0, 0, 20000}, {"limit", &a.limit, usualPage, 1, mostPage}} {
		*number.into = number.usual
		if text := v.Get(number.name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < number.least || n > number.top {
				faults = append(faults, fault{number.name, fmt.Sprintf("It should be between %d and %d.", number.least, number.top)})
			}
			*number.into = n
		}
	}
	if genieSorts[a.by] == nil {
		faults = append(faults, fault{"sort", "Alerts are not sorted by that."})
	}
	if a.order != "desc" && a.order != "asc" {
		faults = append(faults, fault{"order", "Order should be one of [asc, desc]."})
	}
	if len(faults) > 0 {
		return a, &misuse{status: http.StatusUnprocessableEntity, faults: faults}
	}
	return a, nil
}

// found calls for each alert of the source that is asked for.
func (c *call) found(q *genieQuery, do func(s *alertShown)) error {
	if c.known == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), listTime)
	defer cancel()
	done, err := c.lists.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	room := mostListed
	each := func(k *Known) bool {
		s := c.shown(k.Alert.Fingerprint, k)
		if s.description = s.Description; q.fits(&s) {
			s.Description, s.description, s.Details = "", "", nil // a list has none
			do(&s)
		}
		room--
		return room > 0
	}
	if alias := q.alias(); alias != "" {
		known, ok, err := c.known.Known(ctx, c.source.Name, alertID(alias))
		if err != nil {
			return &notTaken{fmt.Errorf("ask the store: %w", err)}
		}
		if ok {
			each(&known)
		}
		return nil
	}
	which := Either
	switch q.wants() {
	case "open":
		which = NotOver
	case "closed":
		which = Over
	}
	if err := c.known.List(ctx, c.source.Name, which, each); err != nil {
		return &notTaken{fmt.Errorf("ask the store: %w", err)}
	}
	return nil
}

// genieOthers are the addresses of other pages of a list.
type genieOthers struct {
	Next  string `json:"next,omitempty"`
	First string `json:"first,omitempty"`
	Last  string `json:"last,omitempty"`
}

// hearList hears that somebody asks for a list of alerts.
func (c *call) hearList() (said, error) {
	ask, err := c.asks()
	if err != nil {
		return said{}, err
	}
	all := []alertShown{}
	if err := c.found(&ask.query, func(s *alertShown) { all = append(all, *s) }); err != nil {
		return said{}, err
	}
	slices.SortStableFunc(all, func(a, b alertShown) int {
		n := cmp.Or(genieSorts[ask.by](&a, &b), cmp.Compare(a.ID, b.ID))
		if ask.order == "desc" {
			return -n
		}
		return n
	})
	from := min(ask.offset, len(all))
	page := all[from:min(from+ask.limit, len(all))]
	others := c.others(&ask, len(all))
	return said{answer: func(c *call, _ Taken) int {
		return c.say(http.StatusOK, struct {
			Data      []alertShown `json:"data"`
			Paging    genieOthers  `json:"paging"`
			Took      float64      `json:"took"`
			RequestID string       `json:"requestId"`
		}{page, others, c.took(), newAlertID()})
	}}, nil
}

// others are the addresses of other pages, by the name under which we were asked.
func (c *call) others(ask *listAsked, n int) genieOthers {
	at := func(offset int) string {
		v := url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(ask.limit)}, "sort": {ask.by}, "order": {ask.order}}
		if query := c.r.URL.Query().Get("query"); query != "" {
			v.Set("query", query)
		}
		u := url.URL{Scheme: "http", Host: c.r.Host, Path: c.r.URL.Path, RawQuery: v.Encode()}
		if c.r.TLS != nil || c.r.Header.Get("X-Forwarded-Proto") == "https" {
			u.Scheme = "https"
		}
		return u.String()
	}
	o := genieOthers{First: at(0), Last: at(max(0, n-1) / ask.limit * ask.limit)}
	if ask.offset+ask.limit < n {
		o.Next = at(ask.offset + ask.limit)
	}
	return o
}

// hearCount hears that somebody asks how many alerts there are.
func (c *call) hearCount() (said, error) {
	ask, err := c.asks()
	if err != nil {
		return said{}, err
	}
	n := 0
	if err := c.found(&ask.query, func(*alertShown) { n++ }); err != nil {
		return said{}, err
	}
	return said{answer: func(c *call, _ Taken) int {
		return c.say(http.StatusOK, answered{struct {
			Count int `json:"count"`
		}{n}, c.took(), newAlertID()})
	}}, nil
}

// numbered finds the alert that a tiny id names: the number of a ticket of the source. If
// the ticket has several alerts it is the first that fires; alone says that it has to be
// the only one that does.
func (c *call) numbered(number string, alone bool) (id string, err error) {
	if c.known == nil || len(number) > ticket.MaxTitle {
		return "", nil
	}
	all, err := c.known.Numbered(c.r.Context(), c.source.Name, number)
	if err != nil {
		return "", &notTaken{fmt.Errorf("ask the store: %w", err)}
	}
	if alone {
		all = slices.DeleteFunc(all, func(k Known) bool { return k.Alert.Status == ticket.Resolved })
	}
	if len(all) == 0 || alone && len(all) > 1 {
		return "", nil
	}
	return all[0].Alert.Fingerprint, nil
}
