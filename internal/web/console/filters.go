package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// kindFilter are saved filters: records of the house, under the person and the
// name.
const kindFilter = "filter"

// filter is a list's filters that a person has given a name.
type filter struct {
	Name  string    `json:"name"`
	Query string    `json:"query"` // as a part of an address
	At    time.Time `json:"at"`
}

// saved is a filter as the list shows it.
type saved struct {
	Name, URL string
	Here      bool
}

// betweenKeys stands between a person's key and a filter's name. No key has it.
const betweenKeys = "\x1f"

// filtersBy lists a person's, in the order of their names.
func (c *Console) filtersBy(ctx context.Context, person string) ([]filter, error) {
	prefix := person + betweenKeys
	list, err := c.records.List(ctx, records.House, kindFilter, prefix, ticket.MaxFilters+1)
	if err != nil {
		return nil, fmt.Errorf("console: filters of %s: %w", person, err)
	}
	var all []filter
	for i := range list {
		if !strings.HasPrefix(list[i].Key, prefix) {
			break
		}
		if item, err := c.filters.Get(ctx, list[i].Key); err == nil {
			all = append(all, item.Of)
		}
	}
	return all, nil
}

func (c *Console) savedOf(ctx context.Context, who *reader, query string) ([]saved, error) {
	if who.by.Person == "" {
		return nil, nil
	}
	filters, err := c.filtersBy(ctx, who.by.Person)
	list := make([]saved, len(filters))
	for i, f := range filters {
		list[i] = saved{Name: f.Name, URL: c.listed(f.Query), Here: f.Query == query}
	}
	return list, err
}

// keepFilter saves a filter under a name, or forgets one. One of that name that is
// there already is replaced.
func (c *Console) keepFilter(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	key, name, err := filterKey(&by, r.PostFormValue("name"))
	if err != nil {
		return err
	}
	if r.PostFormValue("forget") != "" {
		if err := c.forgetFilter(r.Context(), key); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return err
		}
		c.lead(w, web.OwnPath(r.PostFormValue("back")), "/tickets", nil)
		return nil
	}
	query, err := c.readable(r, by, r.PostFormValue("query"))
	if err != nil {
		return err
	}
	var more url.Values
	switch _, err := c.saveFilter(r.Context(), by.Person, key, filter{Name: name, Query: query}); {
	case errors.Is(err, errManyFilters):
		more = url.Values{"done": {"many"}}
	case err != nil:
		return err
	}
	c.lead(w, "/tickets?"+query, "/tickets", more)
	return nil
}

// filterKey is where a caller's filter of a name is kept, and the name as it is
// kept.
func filterKey(by *web.Token, given string) (key, name string, err error) {
	if by.Person == "" {
		return "", "", web.Refuse(http.StatusForbidden, "forbidden", "filters are a person's: of who is signed in, or of whom a token is bound to")
	}
	name = ticket.Cut(strings.Join(strings.Fields(strings.ToValidUTF8(given, "")), " "), ticket.MaxFilterName)
	if name == "" || strings.ContainsAny(name, "\x00"+betweenKeys) {
		return "", "", web.Refuse(http.StatusBadRequest, "bad_request", "name: it is needed")
	}
	return by.Person + betweenKeys + name, name, nil
}

// errManyFilters refuses one more than a person may have.
var errManyFilters = web.Refuse(http.StatusConflict, "too_many", "there are as many filters as a person may have: remove one")

func (c *Console) saveFilter(ctx context.Context, person, key string, f filter) (filter, error) {
	have, err := c.filtersBy(ctx, person)
	if err != nil {
		return f, err
	}
	if len(have) >= ticket.MaxFilters && !named(have, f.Name) {
		return f, errManyFilters
	}
	f.At = records.Instant(c.engine.Now())
	write, err := c.filters.Put(key, records.Any, f)
	if err == nil {
		_, err = c.records.Write(ctx, records.House, write)
	}
	if err != nil {
		return f, fmt.Errorf("console: save a filter of %s: %w", person, err)
	}
	return f, nil
}

// forgetFilter removes a filter; escalation.ErrNotFound if there is none.
func (c *Console) forgetFilter(ctx context.Context, key string) error {
	_, err := c.filters.Get(ctx, key)
	if err == nil || errors.Is(err, records.ErrUnreadable) {
		_, err = c.records.Write(ctx, records.House, c.filters.Remove(key, records.Any))
	}
	if errors.Is(err, records.ErrNotFound) {
		err = escalation.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("console: forget a filter: %w", err)
	}
	return nil
}

// readable are filters as the list can be asked for them.
func (c *Console) readable(r *http.Request, by web.Token, text string) (string, error) {
	if len(text) > ticket.MaxFilter {
		return "", web.Refuse(http.StatusBadRequest, "bad_request", "query: it is too long")
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return "", web.Refuse(http.StatusBadRequest, "bad_request", "query: it cannot be read")
	}
	given := filtersOf(values)
	given.Del("cursor")
	_, err = c.reader(r, by).query(given)
	return given.Encode(), err
}

func named(list []filter, name string) bool {
	for i := range list {
		if list[i].Name == name {
			return true
		}
	}
	return false
}
