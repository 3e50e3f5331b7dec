package feed

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/astreinte/astreinte/internal/web"
)

type feedBody struct {
	Feed
	URL string `json:"url,omitempty"` // said once, when it is made
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := p.mine(r, by)
	if err != nil {
		return err
	}
	feeds, err := p.Book.Of(r.Context(), person)
	if err != nil {
		return err
	}
	body := make([]feedBody, len(feeds))
	for i := range feeds {
		body[i] = feedBody{Feed: feeds[i]}
	}
	return web.Answer(w, http.StatusOK, map[string][]feedBody{"feeds": body})
}

func (p *Pages) make(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := p.mine(r, by)
	if err != nil {
		return err
	}
	var ask struct {
		Group string `json:"group"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil && !errors.Is(err, io.EOF) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the body is no JSON object of a feed: a group, or nothing")
	}
	address, f, err := p.open(r.Context(), person, ask.Group, by)
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusCreated, feedBody{Feed: f, URL: address})
}

func (p *Pages) revoke(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := p.mine(r, by)
	if err != nil {
		return err
	}
	id := r.URL.Query().Get("id")
	n, err := p.end(r.Context(), person, id, by)
	if err == nil && n == 0 && id != "" {
		err = web.Refuse(http.StatusNotFound, "not_found", "there is no such feed of this person")
	}
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, map[string]int{"revoked": n})
}
