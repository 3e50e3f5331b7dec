package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
	"github.com/astreinte/astreinte/internal/ticket"
)

// newContacts is `astreinte contacts …`.
func newContacts() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contacts",
		Short: "List, change, import and remove contacts of customers",
		Args:  arguments(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return usagef(cmd, "a command is missing") },
	}
	cmd.AddCommand(newContactsList(), newContactsAdd(), newContactsChange(), newContactsImport(), newContactsExport(), newContactsRemove())
	return cmd
}

// contactFlags are those that select contacts.
func contactFlags(cmd *cobra.Command, q *client.ContactQuery) {
	f := cmd.Flags()
	f.StringVar(&q.Customer, "customer", "", "only this customer's, by `KEY`")
	f.StringVar(&q.Email, "email", "", "only whose this `ADDRESS` is")
	f.StringVar(&q.Phone, "phone", "", "only whose this `NUMBER` is, however it is written")
	f.BoolVar(&q.Ended, "ended", false, "those that ended too")
}

func newContactsList() *cobra.Command {
	var daemon daemonFlags
	var q client.ContactQuery
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [WORDS...]",
		Short: "List contacts by name",
		Long:  "List contacts by name: those whose name, address, site or reference has words that begin with WORDS, or\nwhose number begins with them. Accents and case do not matter.",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Text = strings.Join(args, " ")
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				list, next, raw, err := c.Contacts(ctx, &q)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(list))
				for i := range list {
					p := &list[i]
					marks := ""
					if p.Strategic {
						marks = "strategic"
					}
					if p.EndedAt != "" {
						marks = strings.TrimSpace(marks + " ended")
					}
					rows = append(rows, []string{p.ID, p.Customer, orDash(p.Name), orDash(strings.Join(p.Phones, " ")), orDash(strings.Join(p.Emails, " ")), orDash(p.Site), orDash(marks)})
				}
				if err := tableOr(cmd.OutOrStdout(), "there are no such contacts", []string{"ID", "CUSTOMER", "NAME", "PHONES", "MAIL", "SITE", "MARKS"}, rows); err != nil || next == "" {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "more: --cursor %s\n", next)
				return err
			})
		},
	}
	contactFlags(cmd, &q)
	cmd.Flags().StringVar(&q.Cursor, "cursor", "", "go on where a list ended")
	cmd.Flags().IntVar(&q.Limit, "limit", 0, "this many at most; 50 where left out")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// contactFields are what a contact says, as flags. Those that were given are sent.
type contactFields struct {
	texts map[string]*string
	lists map[string]*[]string
	yes   map[string]*bool
}

func (f *contactFields) add(cmd *cobra.Command, nameFlag bool) {
	f.texts, f.lists, f.yes = map[string]*string{}, map[string]*[]string{}, map[string]*bool{}
	text := func(flag, what string) { f.texts[flag] = cmd.Flags().String(flag, "", what) }
	if nameFlag {
		text("name", "the `NAME`")
	}
	text("customer", "the customer's `KEY`")
	text("site", "the `SITE`")
	text("language", "`LANGUAGE`: en, fr or it")
	text("ref", "the `REFERENCE` in another system")
	text("notes", "`NOTES`")
	for flag, what := range map[string]string{"emails": "mail `ADDRESSES`, the preferred one first", "phones": "`NUMBERS`, the preferred one first"} {
		list := []string{}
		cmd.Flags().StringSliceVar(&list, flag, nil, what)
		f.lists[flag] = &list
	}
	for flag, what := range map[string]string{"strategic": "is strategic", "sees-all": "sees all tickets of the customer in the portal", "adds-documents": "may add documents in the portal"} {
		f.yes[flag] = cmd.Flags().Bool(flag, false, what+"; =false: not")
	}
}

func (f *contactFields) given(cmd *cobra.Command) map[string]any {
	fields := map[string]any{}
	put := func(flag string, value any) {
		if cmd.Flags().Changed(flag) {
			fields[strings.ReplaceAll(flag, "-", "_")] = value
		}
	}
	for flag, value := range f.texts {
		put(flag, *value)
	}
	for flag, value := range f.lists {
		put(flag, append([]string{}, *value...))
	}
	for flag, value := range f.yes {
		put(flag, *value)
	}
	return fields
}

func newContactsAdd() *cobra.Command {
	var daemon daemonFlags
	var fields contactFields
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Make a contact of a customer",
		Example: `  astreinte contacts add "Marc Doe" --customer acme --phones +33240112233 --emails marc@acme.example --strategic`,
		Args:    arguments("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := fields.given(cmd)
			body["name"] = args[0]
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				return printContact(cmd, asJSON)(c.MakeContact(ctx, body))
			})
		},
	}
	fields.add(cmd, false)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newContactsChange() *cobra.Command {
	var daemon daemonFlags
	var fields contactFields
	var asJSON, ended bool
	cmd := &cobra.Command{
		Use:   "change ID",
		Short: "Change a contact: what is not said stays",
		Args:  arguments("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := fields.given(cmd)
			if cmd.Flags().Changed("ended") {
				body["ended"] = ended
			}
			if len(body) == 0 {
				return usagef(cmd, "what to change is not said")
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				return printContact(cmd, asJSON)(c.ChangeContact(ctx, args[0], body))
			})
		},
	}
	fields.add(cmd, true)
	cmd.Flags().BoolVar(&ended, "ended", false, "is no contact any more; =false: is one again")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// printContact prints what became of a contact.
func printContact(cmd *cobra.Command, asJSON bool) func(c client.Contact, raw []byte, err error) error {
	return func(c client.Contact, raw []byte, err error) error {
		if err != nil || asJSON {
			return rawOr(cmd, raw, noContact(err))
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(strings.Join([]string{c.ID, c.Customer, c.Name}, "  ")))
		return err
	}
}

// noContact says in the person's words that there is none.
func noContact(err error) error {
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound && refused.Code == "not_found" {
		return errors.New("there is no such contact: `astreinte contacts list` lists them")
	}
	return err
}

func newContactsExport() *cobra.Command {
	var daemon daemonFlags
	var q client.ContactQuery
	cmd := &cobra.Command{
		Use:   "export [WORDS...]",
		Short: "Print contacts as CSV, which import takes",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Text, q.Limit = strings.Join(args, " "), ticket.MaxListedContact
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				for first := true; first || q.Cursor != ""; first = false {
					sheet, next, err := c.ContactsSheet(ctx, &q)
					if err != nil {
						return err
					}
					if !first { // its head stands above
						_, after, _ := strings.Cut(string(sheet), "\n")
						sheet = []byte(after)
					}
					if _, err := cmd.OutOrStdout().Write(sheet); err != nil {
						return err
					}
					q.Cursor = next
				}
				return nil
			})
		},
	}
	contactFlags(cmd, &q)
	daemon.add(cmd)
	return cmd
}

func newContactsRemove() *cobra.Command {
	var daemon daemonFlags
	var asJSON, anonymise bool
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "End a contact, or delete for good what names it",
		Long: `remove ends a contact: nobody finds it any more, and its tickets stay as they are. With
--anonymise, for which a manager's token is needed, name, addresses, numbers and notes
are deleted for good, on its tickets too: those that are still in the daily work follow
within a week after they were closed.`,
		Args: arguments("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if !anonymise {
					return printContact(cmd, asJSON)(c.RemoveContact(ctx, args[0]))
				}
				done, raw, err := c.AnonymiseContact(ctx, args[0])
				if err != nil || asJSON {
					return rawOr(cmd, raw, noContact(err))
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), args[0]+" is anonymised, on "+strconv.Itoa(done.Tickets)+" tickets now and on "+strconv.Itoa(done.Later)+" once they have left the daily work")
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&anonymise, "anonymise", false, "delete what names it, for good")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newContactsImport() *cobra.Command {
	var daemon daemonFlags
	var o client.Import
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make and change contacts as a CSV file says, all of it or nothing",
		Long: `import reads a FILE of contacts (- for standard input): CSV with a line of titles, in
UTF-8 or Windows-1252, separated by commas, semicolons or tabs. Titles in English, French
and Italian are known; --map says others. A contact is known again by its reference, else
by its first address, within its customer. Lines that cannot be taken are named, and
then nothing is written. A manager's token is needed.`,
		Example: `  astreinte contacts import staff.csv --customer acme --map "Poste=phones" --map "Matricule=ref" --dry-run`,
		Args:    arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := contactFile(cmd, args[0])
			if err != nil {
				return err
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				is, err := c.ImportContacts(ctx, file, &o)
				switch {
				case err != nil:
					return err
				case asJSON:
					err = printRaw(cmd.OutOrStdout(), is.Raw)
				default:
					err = printImported(cmd.OutOrStdout(), &is)
				}
				if err == nil && is.Bad > 0 {
					err = errors.New("lines of the file cannot be taken, and nothing was written")
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&o.Customer, "customer", "", "the customer's `KEY`, where no column says it")
	cmd.Flags().StringArrayVar(&o.Map, "map", nil, "that a `COLUMN=FIELD` holds ref, customer, name, first_name, last_name, emails, phones, site, language, strategic, sees_all, adds_documents or notes; COLUMN= leaves it out")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "write nothing, and say what would be")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// contactFile reads a file, as much as the daemon takes.
func contactFile(cmd *cobra.Command, name string) ([]byte, error) {
	from := cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, ticket.MaxContactFile+1))
	if err == nil && len(text) > ticket.MaxContactFile {
		err = fmt.Errorf("%s is longer than %d MiB: split it", name, ticket.MaxContactFile>>20)
	}
	return text, err
}

func printImported(w io.Writer, is *client.Imported) error {
	for _, e := range is.Errors {
		if _, err := fmt.Fprintln(w, plain(fmt.Sprintf("line %d: %s", e.Line, strings.TrimPrefix(e.Field+": "+e.Why, ": ")))); err != nil {
			return err
		}
	}
	for _, name := range is.Ignored {
		if _, err := fmt.Fprintln(w, plain(fmt.Sprintf("the column %q is not read", name))); err != nil {
			return err
		}
	}
	would := ""
	if !is.Imported {
		would = "would be "
	}
	_, err := fmt.Fprintf(w, "%d lines: %snew %d, changed %d, the same %d; cannot be taken %d\n", is.Lines, would, is.New, is.Changed, is.Same, is.Bad)
	return err
}
