package web

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Bounds of a list (docs/REFERENCE.md#http).
const (
	defaultLimit = ticket.ListedTickets
	maxLimit     = ticket.MaxListedTickets
)

var states = []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed}

// parseQuery reads a list's parameters. An empty value is as good as none; an
// unknown parameter is an error, for it would list what nobody asked for. It says nothing
// of whose tickets they are: who lists them does.
func parseQuery(values url.Values) (ticket.Search, error) {
	q := ticket.Search{Query: ticket.Query{Limit: defaultLimit}}
	for name, given := range values {
		many, known := parameters[name]
		if !known {
			return q, badField(name, "there is no such parameter")
		}
		if !many && len(given) > 1 {
			return q, badField(name, "given %d times", len(given))
		}
	}
	for _, name := range split(values["state"]) {
		if !slices.Contains(states, ticket.State(name)) {
			return q, badField("state", "no state named %q: %s", name, names(states))
		}
		q.States = append(q.States, ticket.State(name))
	}
	for _, name := range split(values["urgency"]) {
		u, err := ticket.ParseUrgency(name)
		if err != nil {
			return q, badField("urgency", "%s", err)
		}
		q.Urgencies = append(q.Urgencies, u)
	}
	q.Customer, q.Assignee, q.Text = values.Get("customer"), values.Get("assignee"), values.Get("q")
	var err error
	if q.Since, err = parseTime("since", values.Get("since")); err != nil {
		return q, err
	}
	if q.Until, err = parseTime("until", values.Get("until")); err != nil {
		return q, err
	}
	if limit := values.Get("limit"); limit != "" {
		if q.Limit, err = strconv.Atoi(limit); err != nil || q.Limit < 1 || q.Limit > maxLimit {
			return q, badField("limit", "a number from 1 to %d is wanted", maxLimit)
		}
	}
	if q.Cursor, err = openCursor(values.Get("cursor")); err != nil {
		return q, err
	}
	return q, narrow(&q, values)
}

// split takes a parameter that is repeated, or lists with commas.
func split(given []string) []string {
	var all []string
	for _, list := range given {
		for item := range strings.SplitSeq(list, ",") {
			if item = strings.TrimSpace(item); item != "" {
				all = append(all, item)
			}
		}
	}
	return all
}

// parseTime reads RFC 3339; a plus that a query turned into a space is one.
func parseTime(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
	if err != nil {
		return t, badField(field, "%q is no time as 2026-11-21T03:12:00Z (RFC 3339)", text)
	}
	return t, nil
}

func names[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = string(word)
	}
	return strings.Join(words, ", ")
}

// sealCursor makes a store's cursor fit for an address, with a checksum: a
// mutilated one is the caller's mistake, not trouble with the store.
func sealCursor(cursor string) string {
	if cursor == "" {
		return ""
	}
	sealed := binary.BigEndian.AppendUint32([]byte(cursor), crc32.ChecksumIEEE([]byte(cursor)))
	return base64.RawURLEncoding.EncodeToString(sealed)
}

func openCursor(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(sealed) <= crc32.Size {
		err = fmt.Errorf("%d bytes", len(sealed))
	}
	if err == nil {
		cursor, sum := sealed[:len(sealed)-crc32.Size], binary.BigEndian.Uint32(sealed[len(sealed)-crc32.Size:])
		if crc32.ChecksumIEEE(cursor) == sum {
			return string(cursor), nil
		}
	}
	return "", badField("cursor", "not as it was given")
}
