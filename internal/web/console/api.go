package console

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/web"
)

// API is what programs have of the console, for web.Server.Mount: filters and walls.
// The rest of what it shows is web.Server's own.
func (c *Console) API() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/api/v1/filters", Needs: desk.Reader, Do: c.listFilters},
		{Method: http.MethodPost, Path: "/api/v1/filters", Needs: desk.Reader, Do: c.putFilter},
		{Method: http.MethodDelete, Path: "/api/v1/filters", Needs: desk.Reader, Do: c.dropFilter},
		{Method: http.MethodGet, Path: "/api/v1/walls", Needs: desk.Manager, Do: c.listWalls},
		{Method: http.MethodPost, Path: "/api/v1/walls", Needs: desk.Manager, Do: c.putWall},
		{Method: http.MethodDelete, Path: "/api/v1/walls", Needs: desk.Manager, Do: c.dropWall},
	}
}

// listFilters lists the caller's own.
func (c *Console) listFilters(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if _, _, err := filterKey(&by, "any"); err != nil {
		return err
	}
	list, err := c.filtersBy(r.Context(), by.Person)
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, map[string][]filter{"filters": append([]filter{}, list...)})
}

func (c *Console) putFilter(w http.ResponseWriter, r *http.Request, by web.Token) error {
	var ask struct {
		Name  string `json:"name"`
		Query string `json:"query"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the body is no JSON object of a filter: name and query")
	}
	key, name, err := filterKey(&by, ask.Name)
	if err != nil {
		return err
	}
	query, err := c.readable(r, by, ask.Query)
	if err != nil {
		return err
	}
	saved, err := c.saveFilter(r.Context(), by.Person, key, filter{Name: name, Query: query})
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusCreated, saved)
}

func (c *Console) dropFilter(w http.ResponseWriter, r *http.Request, by web.Token) error {
	key, _, err := filterKey(&by, r.URL.Query().Get("name"))
	if err == nil {
		err = c.forgetFilter(r.Context(), key)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// wallBody is an address of a wall. What is secret in it is said once.
type wallBody struct {
	ID  string    `json:"id"`
	By  string    `json:"by"`
	At  time.Time `json:"at"`
	URL string    `json:"url,omitempty"`
}

func wallOf(item *records.Item[wallAddress]) wallBody {
	return wallBody{ID: item.Key, By: item.Of.By, At: item.Of.At.UTC()}
}

func (c *Console) listWalls(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	items, err := c.walls.List(r.Context())
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	list := make([]wallBody, len(items))
	for i := range items {
		list[i] = wallOf(&items[i])
	}
	return web.Answer(w, http.StatusOK, map[string][]wallBody{"walls": list})
}

func (c *Console) putWall(w http.ResponseWriter, r *http.Request, by web.Token) error {
	token, made, err := c.makeWall(r.Context(), &by)
	if err != nil {
		return err
	}
	body := wallOf(&made)
	body.URL = c.house.Link("/wall/" + token)
	return web.Answer(w, http.StatusCreated, body)
}

func (c *Console) dropWall(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	if err := c.revokeWall(r.Context(), r.URL.Query().Get("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
