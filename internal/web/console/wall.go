package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// kindWall are addresses of walls: records of the house, under the hash of what
// is secret in the address.
const kindWall = "wall"

// wallAddress says who made an address, and when.
type wallAddress struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

func wallKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// wallsPage is the body of the list of walls.
type wallsPage struct {
	Walls []wallLine
	New   string // the address that was just made
	Room  bool
}

type wallLine struct{ Key, By, At string }

func (c *Console) showWalls(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.wallsPage(w, r, by, "")
}

func (c *Console) wallsPage(w http.ResponseWriter, r *http.Request, by web.Token, made string) error {
	who := c.reader(r, by)
	list, err := c.walls.List(r.Context())
	if err != nil {
		return fmt.Errorf("console: list walls: %w", err)
	}
	body := wallsPage{New: made, Room: len(list) < ticket.MaxWalls}
	for i := range list {
		body.Walls = append(body.Walls, wallLine{list[i].Key, who.name(list[i].Of.By), who.viewer().At(list[i].Of.At)})
	}
	f := c.frame(r, who, who.words.Console.WallText)
	f.Body = body
	return c.show(w, r, http.StatusOK, "walls", f)
}

// seeToWalls makes an address, which is shown once, or revokes one.
func (c *Console) seeToWalls(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if key := r.PostFormValue("revoke"); key != "" {
		if err := c.revokeWall(r.Context(), key); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return err
		}
		c.lead(w, "/walls", "/walls", nil)
		return nil
	}
	token, _, err := c.makeWall(r.Context(), &by)
	if err != nil {
		return err
	}
	return c.wallsPage(w, r, by, c.house.Own("/wall/"+token))
}

// makeWall makes an address, and says once what is secret in it.
func (c *Console) makeWall(ctx context.Context, by *web.Token) (token string, wall records.Item[wallAddress], err error) {
	list, err := c.walls.List(ctx)
	if err != nil {
		return "", wall, fmt.Errorf("console: list walls: %w", err)
	}
	if len(list) >= ticket.MaxWalls {
		return "", wall, web.Refuse(http.StatusConflict, "too_many", "there are as many walls as there may be: revoke one")
	}
	token = rand.Text()
	wall.Key, wall.Of = wallKey(token), wallAddress{By: cmp.Or(by.Person, by.Name), At: records.Instant(c.engine.Now())}
	write, err := c.walls.Put(wall.Key, 0, wall.Of)
	if err == nil {
		_, err = c.records.Write(ctx, records.House, write)
	}
	if err != nil {
		return "", wall, fmt.Errorf("console: make a wall: %w", err)
	}
	return token, wall, nil
}

// revokeWall ends an address; escalation.ErrNotFound if there is none.
func (c *Console) revokeWall(ctx context.Context, key string) error {
	err := error(escalation.ErrNotFound)
	if len(key) <= ticket.MaxRecordKey {
		_, err = c.walls.Get(ctx, key)
	}
	if err == nil || errors.Is(err, records.ErrUnreadable) {
		_, err = c.records.Write(ctx, records.House, c.walls.Remove(key, records.Any))
	}
	if errors.Is(err, records.ErrNotFound) {
		err = escalation.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("console: revoke a wall: %w", err)
	}
	return nil
}

// showWall shows what Now shows, large, to whoever has the address, and nothing
// that leads elsewhere. What is wrong with an address is not said.
func (c *Console) showWall(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	token := r.PathValue("token")
	if len(token) > ticket.MaxRecordKey {
		return fmt.Errorf("console: no such wall: %w", escalation.ErrNotFound)
	}
	if _, err := c.walls.Get(r.Context(), wallKey(token)); errors.Is(err, records.ErrNotFound) {
		return fmt.Errorf("console: no such wall: %w", escalation.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("console: find a wall: %w", err)
	}
	who := c.reader(r, web.Token{})
	who.scope = ticket.Everything() // a manager hung it up
	f := c.frame(r, who, who.words.Console.Wall)
	f.Nav, f.Wall, f.On, f.Every = nil, true, "polled", 30
	body, err := c.nowPage(r.Context(), who)
	if err != nil {
		return err
	}
	f.Body = body
	return c.show(w, r, http.StatusOK, "wall", f)
}
