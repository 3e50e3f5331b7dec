package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// simulateOptions are the command's flags.
type simulateOptions struct {
	config, at, source string
	heartbeat          string
	labels             []string
	until              time.Duration
	json               bool
}

func newSimulate() *cobra.Command {
	var o simulateOptions
	cmd := &cobra.Command{
		Use:   "simulate --source NAME PAYLOAD | --source NAME --label NAME=VALUE | --heartbeat NAME",
		Short: "Say who would be paged for an alert, when, by what, with which text",
		Long: `simulate reads what a monitoring tool would post (a file, or - for standard
input) and prints every page that would go out if nobody did anything: to the
second round of the last step, or as long as --until says. What ended before
--at is over, as it would be to the daemon. It sends nothing and touches no
store. In the place of a PAYLOAD, --label says the labels of one alert, whatever the
source's type is. A push is taken to have a registered device. For a source of type json it
begins with what the source's map makes of each alert. Alerts that beat a heartbeat open no
ticket, and it says so. With --heartbeat and no PAYLOAD it says who would be paged if that
heartbeat of the configuration fell silent.`,
		Example: "  astreinte simulate --config astreinte.yml --at 2026-12-25T03:00 --source prometheus payload.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.heartbeat != "" && o.source == "" && len(args) == 0 {
				return simulateSilence(cmd, o)
			}
			if o.source == "" {
				return usagef(cmd, "--source is missing: the configured source that PAYLOAD comes from")
			}
			switch payload := strings.Join(args, ""); {
			case payload == "" && len(o.labels) == 0:
				return usagef(cmd, "PAYLOAD is missing: a file, or - for standard input; or give --label NAME=VALUE")
			case payload != "" && len(o.labels) > 0:
				return usagef(cmd, "a PAYLOAD and --label are two ways to say it: one of them")
			default:
				return simulate(cmd, o, payload)
			}
		},
	}
	configFlag(cmd, &o.config, defaultConfig, "the configuration `FILE`")
	cmd.Flags().StringVar(&o.at, "at", "", "when the alert comes, RFC 3339 or local `TIME`; now where left out")
	cmd.Flags().StringVar(&o.source, "source", "", "`NAME` of the configured source it comes from")
	cmd.Flags().StringVar(&o.heartbeat, "heartbeat", "", "`NAME` of a configured heartbeat that falls silent; in the place of a PAYLOAD")
	cmd.Flags().StringArrayVar(&o.labels, "label", nil, "a label of an alert that fires, in the place of a PAYLOAD, as host=srv-db01 (`NAME=VALUE`)")
	cmd.Flags().Var((*model.Duration)(&o.until), "until", "how long to look ahead, from --at: 2h, 1w")
	cmd.Flags().BoolVar(&o.json, "json", false, "print it as JSON")
	return cmd
}

func simulate(cmd *cobra.Command, o simulateOptions, payload string) error {
	now := time.Now()
	cfg, _, err := load(cmd, o.config, now)
	if err != nil {
		return err
	}
	at, err := parseAt(o.at, cfg.Rules.Location, now)
	if err != nil {
		return usagef(cmd, "%w", err)
	}
	source, err := findSource(cfg, o.source)
	if err != nil {
		return err
	}
	alerts, shown, err := o.alerts(cmd, cfg, &source, payload, at)
	if err != nil {
		return err
	}
	var until time.Time
	if o.until > 0 {
		until = at.Add(o.until)
	}
	alerts, beaten := beatenBy(cfg, source.Name, alerts)
	over := overOf(alerts)
	tickets := escalation.Simulate(cfg.Rules, paging.Reachable(cfg.Rules.Channels), source.Name, alerts, at, until)
	if o.json {
		said := simulationOf(cfg, tickets)
		said.Alerts, said.Beats, said.Rechecks = shown, beaten, askedOf(cfg, source, alerts)
		return printJSON(cmd.OutOrStdout(), said)
	}
	printMapping(cmd.OutOrStdout(), shown)
	for _, name := range beaten {
		fmt.Fprintln(cmd.OutOrStdout(), plain("It beats the heartbeat "+name+", and opens no ticket for that."))
	}
	for _, title := range over {
		fmt.Fprintln(cmd.OutOrStdout(), plain("It is over: "+title+". It would end that alert, if one of its key fires in a ticket, and opens none."))
	}
	if err := printSimulation(cmd.OutOrStdout(), cfg, tickets, at); err != nil {
		return err
	}
	printAsked(cmd.OutOrStdout(), askedOf(cfg, source, alerts))
	return nil
}

// overOf names the alerts that only end something, each once.
func overOf(alerts []ticket.Alert) (titles []string) {
	for i := range alerts {
		if title := alerts[i].Title(); alerts[i].Status == ticket.Resolved && !slices.Contains(titles, title) && len(titles) < mostOver {
			titles = append(titles, title)
		}
	}
	return titles
}

// mostOver is how many ends are named.
const mostOver = 20

// alerts are what would come: those of a payload, or the one that flags describe. shown
// is what a map made of them.
func (o *simulateOptions) alerts(cmd *cobra.Command, cfg *config.Config, source *config.Source, payload string, at time.Time) (alerts []ticket.Alert, shown []mappedAlert, err error) {
	if len(o.labels) > 0 {
		a := ticket.Alert{Fingerprint: "simulated", Status: ticket.Firing, StartsAt: at, Labels: map[string]string{}}
		for name, value := range source.Labels {
			a.Labels[name] = value
		}
		for _, label := range o.labels {
			name, value, found := strings.Cut(label, "=")
			if !found || name == "" {
				return nil, nil, usagef(cmd, "--label %q is not NAME=VALUE", label)
			}
			a.Labels[name] = value
		}
		return []ticket.Alert{a}, nil, nil
	}
	data, err := readPayload(cmd.InOrStdin(), payload)
	if err != nil {
		return nil, nil, err
	}
	alerts, err = ingest.Tools().Read(source.Ingest(), data, at)
	shown = mappingOf(cfg, *source, alerts)
	if err != nil {
		if !o.json {
			printMapping(cmd.OutOrStdout(), shown)
		}
		return nil, nil, fmt.Errorf("%s: %w", payload, err)
	}
	return alerts, shown, nil
}

func findSource(cfg *config.Config, name string) (config.Source, error) {
	names := make([]string, 0, len(cfg.Sources))
	for _, s := range cfg.Sources {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return config.Source{}, errors.New("the configuration has no sources: add one under sources")
	}
	return config.Source{}, fmt.Errorf("no source named %q: choose one of %s", name, strings.Join(names, ", "))
}

// readPayload reads a file, or standard input if path is "-".
func readPayload(stdin io.Reader, path string) ([]byte, error) {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(stdin)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the payload: %w", err)
	}
	return data, nil
}

// simulation is what simulate --json prints.
type simulation struct {
	Alerts  []mappedAlert     `json:"alerts,omitempty"` // of a source with a map
	Beats   []string          `json:"beats,omitempty"`  // heartbeats that it beats
	Tickets []simulatedTicket `json:"tickets"`
	// Rechecks are by what each alert would be checked again.
	Rechecks []askedAgain `json:"rechecks,omitempty"`
}

type simulatedTicket struct {
	Group    map[string]string `json:"group"`
	Customer string            `json:"customer"`
	Site     string            `json:"site"`
	Urgency  ticket.Urgency    `json:"urgency"`
	Title    string            `json:"title"`
	Policy   string            `json:"policy"`
	Contract string            `json:"contract"` // empty if it is under none
	GTI      *simulatedGTI     `json:"gti"`      // null where nothing is promised
	Pages    []simulatedPage   `json:"pages"`
	Rooms    []string          `json:"rooms,omitempty"` // of chat, in the order in which they are told
}

type simulatedGTI struct {
	DueAt    time.Time `json:"due_at"`
	Within   string    `json:"within"`
	Calendar string    `json:"calendar"`
}

// simulatedPage counts steps and rounds from 0, as the API does.
type simulatedPage struct {
	At      time.Time `json:"at"`
	Step    int       `json:"step"`
	Round   int       `json:"round"`
	Person  string    `json:"person"`
	Channel string    `json:"channel"`
	Text    string    `json:"text"`
}

func simulationOf(cfg *config.Config, tickets []escalation.Simulated) simulation {
	out := simulation{Tickets: make([]simulatedTicket, len(tickets))}
	for i := range tickets {
		t := &tickets[i].Ticket
		s := simulatedTicket{
			Group: t.Group, Customer: t.Customer, Site: t.Site, Urgency: t.Urgency, Title: t.Title,
			Policy: t.Policy.Name, Contract: t.Contract, Pages: []simulatedPage{}, Rooms: t.Rooms,
		}
		if !t.GTI.DueAt.IsZero() {
			s.GTI = &simulatedGTI{DueAt: t.GTI.DueAt.UTC(), Within: short(t.GTI.Within), Calendar: t.GTI.Calendar}
		}
		for j := range tickets[i].Pages {
			p := &tickets[i].Pages[j]
			s.Pages = append(s.Pages, simulatedPage{
				At: p.At.UTC(), Step: p.Step.Number(), Round: p.Round.Number(), Person: p.Person, Channel: p.Channel, Text: textOf(cfg, t, p),
			})
		}
		out.Tickets[i] = s
	}
	return out
}
