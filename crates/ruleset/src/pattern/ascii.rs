//! What of a pattern means more than ASCII elsewhere: Perl's classes and word boundaries.

use regex_syntax::ast::{
    Assertion, AssertionKind, Ast, ClassAscii, ClassAsciiKind, ClassBracketed, ClassPerl,
    ClassPerlKind, ClassSet, ClassSetItem, ClassSetRange, ClassSetUnion, ClassUnicode, Flag, Flags,
    FlagsItem, FlagsItemKind, Group, GroupKind, Span,
};

/// Characters that classes may have whose case is folded: each takes a look at a table.
const FOLDED_CHARACTERS: u32 = 1 << 24;

/// What of a pattern is not supported, and where.
pub(super) struct Unsupported {
    pub(super) what: &'static str,
    pub(super) span: Span,
}

/// Writes out Perl's classes in ASCII, and makes word boundaries look at ASCII.
///
/// Adds to `work` the characters of classes whose case is to be folded.
pub(super) fn ascii(ast: &mut Ast, work: &mut usize) -> Result<(), Unsupported> {
    let mut rewriting = Rewriting {
        folds_case: false,
        folded: 0,
    };
    let result = rewriting.pattern(ast);
    *work = work.saturating_add(rewriting.folded as usize);
    result
}

/// Recursion in it is as deep as the parser allows.
struct Rewriting {
    /// Whether `(?i)` stood anywhere before.
    folds_case: bool,
    /// Characters of classes after that.
    folded: u32,
}

impl Rewriting {
    fn pattern(&mut self, ast: &mut Ast) -> Result<(), Unsupported> {
        match ast {
            Ast::Flags(set) => self.flags(&set.flags),
            Ast::ClassUnicode(class) => return Err(by_property(class)),
            Ast::ClassPerl(class) => *ast = Ast::class_bracketed(written_out(class)),
            Ast::Assertion(assertion) => {
                if is_word(&assertion.kind) {
                    *ast = Ast::group(without_unicode(assertion));
                }
            }
            Ast::ClassBracketed(class) => self.set(&mut class.kind)?,
            Ast::Repetition(repetition) => self.pattern(&mut repetition.ast)?,
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.flags(flags);
                }
                self.pattern(&mut group.ast)?;
            }
            Ast::Alternation(alternation) => {
                alternation
                    .asts
                    .iter_mut()
                    .try_for_each(|it| self.pattern(it))?;
            }
            Ast::Concat(concat) => concat.asts.iter_mut().try_for_each(|it| self.pattern(it))?,
            Ast::Empty(_) | Ast::Literal(_) | Ast::Dot(_) => {}
        }
        Ok(())
    }

    fn flags(&mut self, flags: &Flags) {
        self.folds_case |= flags.flag_state(Flag::CaseInsensitive) == Some(true);
    }

    fn set(&mut self, set: &mut ClassSet) -> Result<(), Unsupported> {
        match set {
            ClassSet::Item(it) => self.item(it),
            ClassSet::BinaryOp(operation) => {
                self.set(&mut operation.lhs)?;
                self.set(&mut operation.rhs)
            }
        }
    }

    fn item(&mut self, item: &mut ClassSetItem) -> Result<(), Unsupported> {
        match item {
            ClassSetItem::Unicode(class) => Err(by_property(class)),
            ClassSetItem::Perl(class) => {
                *item = ClassSetItem::Bracketed(Box::new(written_out(class)));
                Ok(())
            }
            ClassSetItem::Bracketed(class) => self.set(&mut class.kind),
            ClassSetItem::Union(union) => {
                union.items.iter_mut().try_for_each(|it| self.item(it))?;
                apart(union);
                Ok(())
            }
            ClassSetItem::Range(range) => self.range(range),
            ClassSetItem::Empty(_) | ClassSetItem::Literal(_) | ClassSetItem::Ascii(_) => Ok(()),
        }
    }

    fn range(&mut self, range: &ClassSetRange) -> Result<(), Unsupported> {
        if self.folds_case {
            let (start, end) = (u32::from(range.start.c), u32::from(range.end.c));
            self.folded = self.folded.saturating_add(end.saturating_sub(start));
        }
        if self.folded > FOLDED_CHARACTERS {
            return Err(Unsupported {
                what: "classes have too many characters for `(?i)`",
                span: range.span,
            });
        }
        Ok(())
    }
}

fn by_property(class: &ClassUnicode) -> Unsupported {
    Unsupported {
        what: "`\\p` is not supported",
        span: class.span,
    }
}

/// Puts what stands beside other classes into one of its own. Each of them is folded by itself then, which takes as
/// long as it is written, and not all of them together, which takes as long as there are characters.
fn apart(union: &mut ClassSetUnion) {
    let is_class = |item: &ClassSetItem| matches!(item, ClassSetItem::Bracketed(_));
    if !union.items.iter().any(is_class) {
        return;
    }
    let items = std::mem::take(&mut union.items);
    let (classes, others) = items.into_iter().partition(is_class);
    union.items = classes;
    let span = union.span;
    union
        .items
        .push(ClassSetItem::Bracketed(Box::new(ClassBracketed {
            span,
            negated: false,
            kind: ClassSet::union(ClassSetUnion {
                span,
                items: others,
            }),
        })));
}

/// `[[:word:]]`, `[^[:word:]]` and so on.
fn written_out(class: &ClassPerl) -> ClassBracketed {
    let kind = match class.kind {
        ClassPerlKind::Digit => ClassAsciiKind::Digit,
        ClassPerlKind::Space => ClassAsciiKind::Space,
        ClassPerlKind::Word => ClassAsciiKind::Word,
    };
    let ascii = ClassAscii {
        span: class.span,
        kind,
        negated: false,
    };
    ClassBracketed {
        span: class.span,
        negated: class.negated,
        kind: ClassSet::Item(ClassSetItem::Ascii(ascii)),
    }
}

fn is_word(kind: &AssertionKind) -> bool {
    match kind {
        AssertionKind::StartLine
        | AssertionKind::EndLine
        | AssertionKind::StartText
        | AssertionKind::EndText => false,
        AssertionKind::WordBoundary
        | AssertionKind::NotWordBoundary
        | AssertionKind::WordBoundaryStart
        | AssertionKind::WordBoundaryEnd
        | AssertionKind::WordBoundaryStartAngle
        | AssertionKind::WordBoundaryEndAngle
        | AssertionKind::WordBoundaryStartHalf
        | AssertionKind::WordBoundaryEndHalf => true,
    }
}

/// `(?-u:\b)` and so on.
fn without_unicode(assertion: &Assertion) -> Group {
    let span = assertion.span;
    let item = |kind| FlagsItem { span, kind };
    let items = vec![
        item(FlagsItemKind::Negation),
        item(FlagsItemKind::Flag(Flag::Unicode)),
    ];
    Group {
        span,
        kind: GroupKind::NonCapturing(Flags { span, items }),
        ast: Box::new(Ast::assertion(assertion.clone())),
    }
}
