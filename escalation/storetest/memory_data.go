package storetest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// data is what a Memory holds. Values in it are replaced, never changed in
// place, except for the pages.
type data struct {
	shelves map[string]*shelf // by source
	sources map[string]string // by ticket number
	ids     map[string]pageRef
	phones  map[string]map[string]paging.Code // by phone and ticket
	links   map[string]paging.Link            // by hash
	records recordsOf

	deadlines *sorted[escalation.Deadline]
	queue     *sorted[queued] // pages that are queued or sending
	opened    *sorted[opened] // tickets
	ordered   int64           // pages so far

	logged, trimmed int64             // versions of the log of changes
	log             map[string]change // by ticket
}

// change is a ticket's place in the log.
type change struct {
	source  string
	version int64
}

// touch logs that a ticket changed.
func (d *data) touch(source, number string) {
	d.logged++
	d.log[number] = change{source, d.logged}
}

// shelf is what belongs to one source.
type shelf struct {
	tickets map[string]ticket.Record
	groups  map[string]string // key → number, never a closed ticket's
	alerts  map[string]ticket.AlertRecord
	of      map[string]map[string]bool // ticket → fingerprints
	pages   map[string][]*page         // by ticket
	entries map[string][]ticket.Entry  // by ticket
	active  int                        // tickets
	recent  []time.Time                // when the last ones were opened, in order
}

// page is a page with its claim, and its place among all.
type page struct {
	ticket.Page
	owner string
	until time.Time
	token int64 // zero: not claimed
	held  bool  // by a receipt (paging.Receipt.Hold)
	order int64
}

type pageRef struct {
	source string
	key    ticket.PageKey
}

// queued is a page's place in the queue.
type queued struct {
	pageRef
	urgency ticket.Urgency
	at      time.Time
	order   int64
}

// opened is a ticket's place in lists.
type opened struct {
	source, number string
	at             time.Time
}

func newData() *data {
	return &data{
		shelves: map[string]*shelf{}, sources: map[string]string{}, ids: map[string]pageRef{},
		phones: map[string]map[string]paging.Code{}, links: map[string]paging.Link{},
		records: recordsOf{}, log: map[string]change{},
		deadlines: &sorted[escalation.Deadline]{compare: func(a, b escalation.Deadline) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Source, b.Source),
				cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.Alert, b.Alert))
		}},
		queue: &sorted[queued]{compare: func(a, b queued) int {
			return cmp.Or(cmp.Compare(b.urgency, a.urgency), a.at.Compare(b.at), cmp.Compare(a.order, b.order))
		}},
		opened: &sorted[opened]{compare: func(a, b opened) int {
			return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.number, a.number))
		}},
	}
}

func (d *data) shelf(source string) *shelf {
	s := d.shelves[source]
	if s == nil {
		s = &shelf{
			tickets: map[string]ticket.Record{}, groups: map[string]string{},
			alerts: map[string]ticket.AlertRecord{}, of: map[string]map[string]bool{},
			pages: map[string][]*page{}, entries: map[string][]ticket.Entry{},
		}
		d.shelves[source] = s
	}
	return s
}

// page finds a page, nil if there is none.
func (d *data) page(ref pageRef) *page {
	for _, p := range d.shelf(ref.source).pages[ref.key.Ticket] {
		if p.PageKey == ref.key {
			return p
		}
	}
	return nil
}

func (p *page) ref() pageRef { return pageRef{p.Source, p.PageKey} }

func (p *page) place() queued { return queued{p.ref(), p.Urgency, p.At, p.order} }

func (d *data) clone() *data {
	c := newData()
	c.sources, c.ids, c.ordered = maps.Clone(d.sources), maps.Clone(d.ids), d.ordered
	c.links, c.records = maps.Clone(d.links), d.records.clone()
	c.log, c.logged, c.trimmed = maps.Clone(d.log), d.logged, d.trimmed
	for phone, codes := range d.phones {
		c.phones[phone] = maps.Clone(codes)
	}
	for source, s := range d.shelves {
		c.shelves[source] = s.clone()
	}
	c.deadlines.items = slices.Clone(d.deadlines.items)
	c.queue.items = slices.Clone(d.queue.items)
	c.opened.items = slices.Clone(d.opened.items)
	return c
}

func (s *shelf) clone() *shelf {
	c := &shelf{
		tickets: maps.Clone(s.tickets), groups: maps.Clone(s.groups), alerts: maps.Clone(s.alerts),
		of: map[string]map[string]bool{}, pages: map[string][]*page{}, entries: map[string][]ticket.Entry{},
		active: s.active, recent: slices.Clone(s.recent),
	}
	for number, fingerprints := range s.of {
		c.of[number] = maps.Clone(fingerprints)
	}
	for number, pages := range s.pages {
		for _, p := range pages {
			was := *p
			c.pages[number] = append(c.pages[number], &was)
		}
	}
	for number, entries := range s.entries {
		c.entries[number] = slices.Clone(entries)
	}
	return c
}

// sorted keeps items in order.
type sorted[T any] struct {
	compare func(a, b T) int
	items   []T
}

func (s *sorted[T]) add(item T) {
	if i, found := slices.BinarySearchFunc(s.items, item, s.compare); !found {
		s.items = slices.Insert(s.items, i, item)
	}
}

func (s *sorted[T]) remove(item T) {
	if i, found := slices.BinarySearchFunc(s.items, item, s.compare); found {
		s.items = slices.Delete(s.items, i, i+1)
	}
}
