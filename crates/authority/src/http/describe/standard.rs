//! Subjects, and the seven services of GB/T 38963-2020.

use serde_json::{Value, json};

macro_rules! tags {
    ($($tag:ident = $name:literal, $about:literal;)*) => {
        /// What a group of paths is about.
        #[derive(Clone, Copy)]
        pub(in crate::http) enum Tag {
            $(#[doc = $about] $tag,)*
        }

        impl Tag {
            /// Every subject, in the order of reading.
            pub(super) const ALL: &'static [Self] = &[$(Self::$tag),*];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$tag => $name,)* }
            }

            pub(super) const fn about(self) -> &'static str {
                match self { $(Self::$tag => $about,)* }
            }
        }
    };
}

tags! {
    Accounts = "accounts", "Registering, logging in, proving better who one is.";
    Codes = "codes", "Claiming a code (申领), showing it (亮码), having it on paper.";
    Appeals = "appeals", "Contesting a colour (纠错), and deciding about it.";
    Verify = "verify", "What a desk asks about codes and documents (验码).";
    Stations = "stations", "Desks: enrolling, how they are, ending one; their sites and policies.";
    Entries = "entries", "What happened at the desks (通行记录), and who was where.";
    Facts = "facts", "What departments report about people.";
    Rules = "rules", "The rules of colour.";
    Holders = "holders", "Finding a holder, and seeing who it is.";
    Clerks = "clerks", "Who works at the console, and what they did.";
    Statistics = "statistics", "Figures, in which nobody can be found.";
    Regions = "regions", "Other issuers whose codes count.";
    Feeds = "feeds", "The signed files that desks follow (docs/feeds.md).";
    Server = "server", "The server itself.";
}

/// A service that GB/T 38963-2020 names. Its full text was not obtained: clauses and names are
/// from its published table of contents, what each has to do is taken from its name.
#[derive(Clone, Copy)]
pub(in crate::http) enum Service {
    /// 用户健康信息申报
    Health,
    /// 用户行程申报
    Journey,
    /// 用户健康信息查询
    Query,
    /// 健康码调用申请
    Access,
    /// 健康码制码请求
    Make,
    /// 健康码验码请求
    Verify,
    /// 用户健康信息纠错
    Correct,
}

impl Service {
    const ALL: [Self; 7] = [
        Self::Health,
        Self::Journey,
        Self::Query,
        Self::Access,
        Self::Make,
        Self::Verify,
        Self::Correct,
    ];

    /// Where the standard has it.
    pub(super) const fn clause(self) -> &'static str {
        match self {
            Self::Health => "6.2",
            Self::Journey => "6.3",
            Self::Query => "6.4",
            Self::Access => "6.5",
            Self::Make => "6.6",
            Self::Verify => "6.7",
            Self::Correct => "6.8",
        }
    }

    /// Its name there.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Health => "用户健康信息申报",
            Self::Journey => "用户行程申报",
            Self::Query => "用户健康信息查询",
            Self::Access => "健康码调用申请",
            Self::Make => "健康码制码请求",
            Self::Verify => "健康码验码请求",
            Self::Correct => "用户健康信息纠错",
        }
    }

    /// How far this interface is the service.
    const fn how_far(self) -> &'static str {
        match self {
            Self::Health => {
                "In part: departments report facts; a citizen declares no temperature and no \
                 symptoms."
            }
            Self::Journey => {
                "In part: a claim from another province declares where the journey began; there \
                 is no list of stages."
            }
            Self::Query | Self::Access | Self::Make | Self::Verify | Self::Correct => "Yes.",
        }
    }

    /// All seven, for the document.
    pub(super) fn table() -> Vec<Value> {
        let row = |service: Self| {
            json!({
                "clause": service.clause(),
                "name": service.name(),
                "here": service.how_far(),
            })
        };
        Self::ALL.map(row).to_vec()
    }
}
