package daemon

import (
	"context"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
)

// buildRooms makes what tells rooms of chat, and the queue that sends it. It has workers
// and connections of its own: a room that is slow or refuses holds up no page, and no
// webhook.
func (d *Daemon) buildRooms(metrics *effect.Metrics) {
	if d.chatWay = d.opts.Transport; d.chatWay == nil {
		way := chat.Transport()
		d.later("rooms' connections", func(context.Context) error { way.CloseIdleConnections(); return nil })
		d.chatWay = way
	}
	d.roomQueue = effect.New(effect.Options{
		Kind: ticket.RoomRecords, Records: d.store.Records(), Tickets: d.rooms, Clock: d.clock, Owner: d.pager.Owner(),
		Log: d.log.Named("rooms"), Metrics: metrics, Over: room.Over, Gone: room.Gone,
	})
	d.setRooms(d.config)
}

// newRooms makes the rooms, none of which is in force yet.
func (d *Daemon) newRooms() *room.Rooms {
	return room.New(room.Options{
		Records: d.store.Records(), Tickets: d.store, Desk: lateDesk{d}, Rules: func() *escalation.Rules { return d.pager.Rules() },
		Link: func(path string) string { return d.web.Link(path) }, Now: func() time.Time { return d.clock.Now() },
		Log: d.log.Named("rooms"), Registerer: d.metrics.registry,
	})
}

// lateDesk is the web server's desk, which is made after the rooms.
type lateDesk struct{ d *Daemon }

// Act implements room.Desk.
func (l lateDesk) Act(ctx context.Context, by desk.Actor, o desk.Order, targets ...desk.Target) []desk.Result {
	return l.d.web.Desk().Act(ctx, by, o, targets...)
}

// setRooms puts a configuration's rooms in force, and their doors.
func (d *Daemon) setRooms(c *config.Config) {
	var settings []room.Setting
	var slacks []*chat.SlackRoom
	doors := http.NewServeMux()
	door := chat.Door{Listener: d.rooms, Now: d.clock.Now, Log: d.log.Named("rooms")}
	agent := "astreinte/" + d.opts.Version
	for i := range c.Chat {
		r := &c.Chat[i]
		s := room.Setting{Name: r.Name, Language: r.Language, Discreet: r.Discreet}
		switch r.Product {
		case chat.Slack:
			slack := chat.NewSlack(chat.SlackConfig{
				Name: r.Name, Channel: r.Slack.Channel, Token: r.Slack.Token.Reveal(), Secret: r.Slack.Signing.Reveal(),
				Base: r.Slack.BaseURL, HTTP: d.chatWay, UserAgent: agent,
			})
			s.Room, slacks = slack, append(slacks, slack)
		case chat.Mattermost:
			path := "/chat/mattermost/" + r.Name
			m := chat.MattermostConfig{
				Name: r.Name, URL: r.Mattermost.URL, Channel: r.Mattermost.Channel, Token: r.Mattermost.Token.Reveal(), HTTP: d.chatWay, UserAgent: agent,
			}
			if c.Server.PublicURL != "" {
				m.Door = c.Server.PublicURL + path
			}
			mattermost := chat.NewMattermost(m)
			s.Room = mattermost
			door.Observe = d.rooms.Refused(r.Name)
			doors.Handle(path, chat.NewMattermostDoor(mattermost, door))
		default:
			s.Room = chat.NewTeams(chat.TeamsConfig{Name: r.Name, URL: r.Teams.Reveal(), HTTP: d.chatWay, UserAgent: agent})
		}
		settings = append(settings, s)
	}
	for _, slack := range slacks {
		door.Observe = d.rooms.Refused(slack.Name())
		doors.Handle("/chat/slack/"+slack.Name(), chat.NewSlackDoor(slack, slacks, door))
	}
	d.rooms.Set(settings)
	d.roomQueue.SetReceivers(d.rooms.Receivers())
	d.chatDoors.Store(doors)
}
