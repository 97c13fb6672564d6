/** `<room>:<key>` of the plugin's own texts, never the words: the host looks it up when it is shown. */
export type TextKey = `${string}:${string}`;

/** Words for people, not looked up yet. */
export interface Text {
  readonly key: TextKey;
  readonly values?: Readonly<Record<string, string | number>>;
}

/**
 * A check that an admin's typed value passes or not: the trimmed value to keep, or the sentence for the field, which may
 * name the field as `{{label}}`. It is also the sentence of a start that a wrong environment variable stops.
 */
export type FieldCheck = (value: string) => { readonly value: string } | { readonly problem: Text };

interface FieldBase {
  readonly id: string;
  /** Accessible label, in the network's own words. */
  readonly label: TextKey;
  readonly help?: TextKey;
  /** Environment variable that overrides the stored value in the set named by the mode variable. */
  readonly environment?: string;
  readonly required?: boolean;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly check?: FieldCheck;
  /** What looks wrong in this set and may be right all the same: told at the field, saved nevertheless. */
  readonly warn?: (value: string, setId: string) => Text | undefined;
}

/** Sealed at rest, never sent to a browser; an empty answer keeps what is stored. */
export interface SecretField extends FieldBase {
  readonly kind: 'secret';
  readonly check?: FieldCheck;
}

/** The OAuth callback: empty means the address the host computes. */
export interface CallbackField extends FieldBase {
  readonly kind: 'callback';
  readonly check?: FieldCheck;
}

export interface Choice {
  readonly value: string;
  /** One line of why. */
  readonly why: TextKey;
  /** Ticked until an admin unticks it. */
  readonly byDefault: boolean;
  /** Cannot be unticked. */
  readonly always?: boolean;
}

export interface ChoicesField extends FieldBase {
  readonly kind: 'choices';
  readonly choices: readonly Choice[];
}

/**
 * A check box by which an admin says that something was done elsewhere about the address under which media are fetched
 * (`PluginMediaLinks.prefix`). Who and when are kept; with another address it counts for nothing.
 */
export interface ConfirmationField extends FieldBase {
  readonly kind: 'confirmation';
}

export type SettingField = TextField | SecretField | CallbackField | ChoicesField | ConfirmationField;

/** A base address that only the environment sets. */
export interface AddressSetting {
  readonly id: string;
  readonly environment: string;
  readonly byDefault: string;
}

/** One of the complete credential sets that an installation keeps side by side. */
export interface SetShape {
  readonly id: string;
  readonly label: TextKey;
  readonly help: TextKey;
  /** What an admin may note of its app; absent = nothing is asked. */
  readonly notes?: AppNotesShape;
}

/** Where an app stands in its network's review. */
export type AppState = 'draft' | 'in-review' | 'live' | 'not-approved';

/** What the network tells by no call, so an admin notes it. Each part is asked only where it is named. */
export interface AppNotesShape {
  readonly state?: {
    readonly label: TextKey;
    readonly help: TextKey;
    /** Names of the states, in the network's own words. */
    readonly states: Readonly<Record<AppState, TextKey>>;
    /** What to expect of connecting with this app while it is in such a state: said before Mode is switched to it. */
    readonly expect?: Partial<Readonly<Record<AppState, TextKey>>>;
  };
  /** Whether the network has audited the app. */
  readonly audit?: { readonly label: TextKey; readonly help: TextKey };
  /** Accounts that alone may connect, by user name. */
  readonly testers?: {
    readonly label: TextKey;
    readonly help: TextKey;
    /** How many are noted, with `{{count}}` and `{{most}}`. */
    readonly noted: TextKey;
    readonly most: number;
    /** Of one name. */
    readonly check?: FieldCheck;
  };
}

/** What an admin has noted; undefined = not noted, nothing is known. */
export interface AppNotes {
  readonly state: AppState | undefined;
  readonly isAudited: boolean | undefined;
  /** User names without `@`. */
  readonly testers: readonly string[];
  /** UTC milliseconds of the last change of the testers: the network may take a while to know them. */
  readonly testersNotedAt: number | undefined;
}

/**
 * A plugin's settings as data: the host draws the form, checks, seals, stores and reads the environment for it. A key
 * that has no text is a complaint at the start.
 */
export interface SettingsShape {
  readonly sets: readonly SetShape[];
  /** Environment variable naming the set that the fields' environment variables fill. */
  readonly modeEnvironment: string;
  readonly defaultSet: string;
  /** Id of the text field that identifies the app at the network (stored with each credential). */
  readonly appKeyField: string;
  readonly fields: readonly SettingField[];
  /** The first is the API's: while it is on loopback (a simulator), the plugin may call loopback addresses. */
  readonly addresses: readonly AddressSetting[];
}

/** One complete credential set, ready for use. */
export interface CredentialSet {
  /** Which of the shape's sets this is. */
  readonly id: string;
  readonly appKey: string;
  text(fieldId: string): string;
  choices(fieldId: string): readonly string[];
  /** Whether an admin's confirmation holds for the address that media have now. */
  isConfirmed(fieldId: string): boolean;
  /** The callback exactly as the network must receive it. */
  readonly callbackUrl: string;
  /** Noted by an admin; undefined = not noted. */
  readonly appState?: AppState | undefined;
  /** Noted by an admin: whether the network has audited the app; undefined = not noted. */
  readonly isAudited?: boolean | undefined;
  /** Noted by an admin: accounts that alone may connect, without `@`. */
  readonly testers?: readonly string[];
}

export interface PluginSettings {
  /** Whether an admin lets teams connect and publish with this plugin. */
  isEnabled(): Promise<boolean>;
  /** The set new connections use; undefined while it is incomplete. */
  active(): Promise<CredentialSet | undefined>;
  /** Every complete set, the one that new connections use among them. */
  complete(): Promise<readonly CredentialSet[]>;
  /** The complete set that holds this app key; undefined when the admin has replaced it. */
  findByAppKey(appKey: string): Promise<CredentialSet | undefined>;
  /** What is noted of a set's app, complete or not. */
  notes(setId: string): Promise<AppNotes>;
  address(id: string): string;
  /** The network has said that a confirmation does not hold, by this code: it is off until an admin gives it anew. */
  withdraw(confirmation: { readonly appKey: string; readonly fieldId: string; readonly code: string }): Promise<void>;
}

/** Asked by the button "Test connection": the values typed, secrets filled in from the store where left empty. */
export interface ConnectionTest {
  run(values: { readonly appKey: string; text(fieldId: string): string }): Promise<ConnectionTestResult>;
}

export interface ConnectionTestResult {
  readonly ok: boolean;
  /** The network's own answer, explained. */
  readonly sentence: string;
  readonly nextStep?: string;
  readonly code?: string;
  readonly logId?: string;
}
