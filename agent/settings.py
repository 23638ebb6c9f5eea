"""One typed object for every setting: arguments, then `TRIPTYCH_*` variables, then `triptych.toml`, then defaults."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

NO_MODEL = "extractive"  # answers are quoted


class Settings(BaseSettings):
    """Where things live, which parts answer, and what the page lets in."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="TRIPTYCH_", toml_file="triptych.toml", extra="forbid"
    )

    data_dir: Path = Path.home() / ".triptych"
    """Corpora, conversations and artifacts. Safe to delete: everything in it can be made again from the documents."""

    database_url: SecretStr = SecretStr("")
    """`postgresql://user:password@host/name`: of all that is else in SQLite files of the data folder."""

    corpus: str = "default"
    """Corpus used when none is named."""

    store: str = "edge"
    """`edge` (Qdrant in process) or `server` (Qdrant over the network, see `qdrant_url`)."""

    qdrant_url: str = ""
    """For `store = server`: `http://host:6333`, or `:memory:` / a folder for qdrant-client's local mode."""

    qdrant_api_key: SecretStr = SecretStr("")
    """For a protected Qdrant server."""

    qdrant_shards: int = Field(default=0, ge=0)
    """For a Qdrant cluster: shards of a new collection, such as twice the nodes; 0 for one on each node."""

    qdrant_replicas: int = Field(default=1, ge=1)
    """For a Qdrant cluster: how many nodes keep each shard of a new collection."""

    qdrant_write_consistency: int = Field(default=1, ge=1)
    """For a Qdrant cluster: how many of those must have a write before it is done."""

    embedder: str = "minilm"
    """Fills the `text` vector."""

    image_embedders: Annotated[tuple[str, ...], NoDecode] = ("outlines",)
    """Fill vectors from pixels: `outlines` knows a figure again, `clip:<repo or folder>` understands figures,
    `colpali:<repo or folder>` pages."""

    readers: int = Field(default=0, ge=0)
    """Programs that read pages side by side while ingesting: 0 for one per core; on Ray, actors: 0 for as many as
    there is room for."""

    ingest: Literal["local", "ray"] = "local"
    """Where documents are read and embedded: from this process, or on the machines of a Ray cluster, see
    `docs/scale.md`."""

    ray_address: str = ""
    """For `ingest = ray`: the cluster, such as `host:6379`; empty: one is started on this machine."""

    page_timeout: float = Field(default=120.0, gt=0)
    """Seconds that reading one page may take; opening a file may take longer the larger it is."""

    min_free_mb: int = Field(default=256, ge=0)
    """Megabytes of the disk that ingestion leaves free: it stops before, and goes on when there is room."""

    pdf_parser: str = ".pdf"
    """`.pdf` (our own, on PDFium) or `docling`, which finds layout and tables by its own models."""

    model: str = NO_MODEL
    """`extractive` (no LLM), `gguf:<file>`, `hf:<repo or folder>`, `openai:<name>@<url>`, or `ollama:<name>`,
    `lmstudio:<name>`, `llamacpp:<name>` at their usual ports of this machine."""

    models: Annotated[tuple[str, ...], NoDecode] = ()
    """Others to choose from on the page, named likewise; whoever asks may also ask again with one."""

    model_profile: Literal["auto", "small", "full"] = "auto"
    """`small` puts what fits a small model in place of other defaults, see `docs/models.md`; `auto` where the model's
    server, or its name, says that it is one."""

    model_api_key: SecretStr = SecretStr("")
    """For an `openai:` endpoint that wants one."""

    model_timeout: float = Field(default=60.0, gt=0)
    """Seconds to wait for the first token of a served model before the embedded answer is offered."""

    model_pause: float = Field(default=30.0, gt=0)
    """Seconds to wait for each next one."""

    model_temperature: float = Field(default=0.0, ge=0, le=2)
    """0: the likeliest words, the same for the same question."""

    model_tokens: int = Field(default=2048, ge=1)
    """Most tokens of one reply of a model; what it wrote until then is kept."""

    model_total_timeout: float = Field(default=600.0, gt=0)
    """Seconds one whole reply may take; likewise."""

    model_context: int = Field(default=0, ge=0)
    """Most tokens of a prompt and its reply together; 0: as many as the server says, 8,192 where it says nothing."""

    model_images: int = Field(default=2, ge=0)
    """Most page or figure images sent to a model with one question; 0 for a text-only model."""

    router: str = "auto"
    """`switch`, `tool_calling`, `written` (the model writes its plan as JSON), or `auto`: tool calling when the model
    can call tools, else the switch head."""

    top_k: int = Field(default=8, ge=1, le=100)
    """Most pages an answer may rest on."""

    judged: int = Field(default=0, ge=0, le=100)
    """How many of the best pages the model judges before an answer, which then rests on those alone that it finds
    relevant; 0 for none. Needs a model."""

    tool_timeout: float = Field(default=120.0, gt=0)
    """Seconds one tool call may take."""

    converters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """What converters need, by name; in `triptych.toml`: `[converters.picture-served]` with `base_url` and `model`."""

    aim_model: str = ""
    """Repo or folder of the served model: its first layers fuse demonstrations here, see `docs/aim.md`."""

    aim_projector: str = ""
    """Folder of the projection trained for it; without one, demonstrations are shown to it as whole pictures."""

    aim_device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where demonstrations are fused; auto: the GPU where it has room for the model, else the CPU."""

    aim_precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Of the layers that fuse; auto: as they are stored on a GPU, float32 on the CPU."""

    aim_url: str = ""
    """Where `triptych aim serve` fuses demonstrations, such as http://host:8010/v1, instead of this process."""

    demonstrations: Literal["balanced", "nearest", "all"] = "balanced"
    """Which of a set are shown: as many of each label, those most like the question and its picture, or all."""

    demonstrations_most: int = Field(default=16, ge=1)
    """Most demonstrations shown with one question, unless all are."""

    host: str = "127.0.0.1"
    """Address the page listens on. Loopback unless you say otherwise, and where it is empty."""

    port: int = Field(default=7860, ge=0, le=65535)
    """Port of the page."""

    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Names under which the page is served, such as a proxy passes on, besides `localhost`, IP addresses and `host`."""

    open: bool = False
    """Lets the page listen beyond this machine without a password or API key."""

    username: str = ""
    """With `password`: the page asks for them."""

    password: SecretStr = SecretStr("")
    """See `username`."""

    api_key: SecretStr = SecretStr("")
    """If set, programs calling the page's API must send it as `Authorization: Bearer <key>`."""

    users: bool = False
    """Everybody signs in with an account of their own, see `triptych user`, and sees what is theirs."""
    openid_issuer: str = ""
    """With `users`: the address of an OpenID Connect provider at which they may sign in."""
    openid_client: str = ""
    """By which name that provider knows this server."""
    openid_secret: SecretStr = SecretStr("")
    """The secret that goes with it."""
    openid_claim: str = "preferred_username"
    """What the provider says of somebody that becomes the name of a new account."""

    proxy_user_header: str = ""
    """With `users` and `proxies`: the header in which a proxy names the user whom it has signed in."""

    proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses of proxies that are believed so; no others are."""

    web_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts whose pages `triptych ingest https://...` may fetch; none: it fetches nothing."""

    at_once: int = Field(default=4, ge=1)
    """Questions answered at the same time: on the page, and of programs."""

    user_at_once: int = Field(default=2, ge=1)
    """Of those, questions of one user, where there are users."""

    user_per_minute: int = Field(default=120, ge=1)
    """Requests that the programs of one user may send in a minute, and questions that they may ask on the page."""

    most_waiting: int = Field(default=100, ge=0)
    """Questions of programs that may wait for others; further ones are told to come again."""

    mcp_folders: Annotated[tuple[str, ...], NoDecode] = ()
    """Folders from which clients of MCP may have files read into a corpus; none: they are offered no `ingest`."""

    keep_days: float = Field(default=30.0, gt=0)
    """Days after which what programs sent along with questions, and links of citations that were given to them, are
    cleared when they were not used meanwhile."""

    max_upload_mb: int = Field(default=200, ge=1)
    """Largest file the page takes."""

    max_upload_files: int = Field(default=50, ge=1)
    """Most files the page takes at once."""

    @property
    def asks(self) -> bool:
        """Whether nobody is let in who is not known."""
        return bool(self.users or self.password or self.api_key)

    @field_validator("data_dir")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        """`~` comes from variables and `triptych.toml`, where no shell has put the home folder in its place."""
        return value.expanduser()

    @field_validator("host", mode="before")
    @classmethod
    def _never_everywhere_by_omission(cls, value: Any) -> Any:
        """To a socket an empty address means every one there is."""
        return value.strip() or cls.model_fields["host"].default if isinstance(value, str) else value

    @field_validator("image_embedders", "hosts", "models", "mcp_folders", "web_hosts", "proxies", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        """As an environment variable they are one line."""
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
