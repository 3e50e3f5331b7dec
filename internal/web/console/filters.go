package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

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
	if by.Person == "" {
		return web.Refuse(http.StatusForbidden, "forbidden", "filters are a person's")
	}
	name := ticket.Cut(strings.Join(strings.Fields(strings.ToValidUTF8(r.PostFormValue("name"), "")), " "), ticket.MaxFilterName)
	if name == "" || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00"+betweenKeys) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "name: it is needed")
	}
	key := by.Person + betweenKeys + name
	if r.PostFormValue("forget") != "" {
		if _, err := c.records.Write(r.Context(), records.House, records.Write{Kind: kindFilter, Key: key, Revision: records.Any, Remove: true}); err != nil && !errors.Is(err, records.ErrNotFound) {
			return fmt.Errorf("console: forget a filter of %s: %w", by.Person, err)
		}
		c.lead(w, web.OwnPath(r.PostFormValue("back")), "/tickets", nil)
		return nil
	}
	query, err := c.readable(r, by)
	if err != nil {
		return err
	}
	have, err := c.filtersBy(r.Context(), by.Person)
	if err != nil {
		return err
	}
	if len(have) >= ticket.MaxFilters && !named(have, name) {
		c.lead(w, "/tickets?"+query, "/tickets", url.Values{"done": {"many"}})
		return nil
	}
	write, err := c.filters.Put(key, records.Any, filter{Name: name, Query: query, At: c.engine.Now()})
	if err == nil {
		_, err = c.records.Write(r.Context(), records.House, write)
	}
	if err != nil {
		return fmt.Errorf("console: save a filter of %s: %w", by.Person, err)
	}
	c.lead(w, "/tickets?"+query, "/tickets", nil)
	return nil
}

// readable are the filters of a form, which the list can be asked for.
func (c *Console) readable(r *http.Request, by web.Token) (string, error) {
	text := r.PostFormValue("query")
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
